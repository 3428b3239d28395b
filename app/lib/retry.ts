import type { UseAssistantHelpers } from '@use-assistant/react';

/** Does again what has failed, whatever it was: a run, the sending of a message, or the loading of the thread. */
export function retry(assistant: UseAssistantHelpers): void {
  const { error, messages, input, files, clearError } = assistant;
  const runFailed = error?.code.startsWith('run_') ?? false;
  clearError();
  // A message that the server has not taken stands in the composer again, one that it has taken in the list.
  if (runFailed || messages.at(-1)?.role === 'user') void assistant.regenerate();
  else if (input.trim() !== '' || files.length > 0) void assistant.submitMessage();
  else void assistant.loadHistory();
}
