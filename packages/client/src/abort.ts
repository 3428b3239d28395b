import { AssistantError } from '@use-assistant/protocol';

/** The error of everything that the caller itself has ended. */
export function createAbortError(): AssistantError {
  return new AssistantError('aborted', 'The request was stopped.');
}

/** Whatever was thrown, as the one class that the client shows. */
export function toAssistantError(cause: unknown): AssistantError {
  return AssistantError.isInstance(cause)
    ? cause
    : new AssistantError('server_error', 'Something went wrong.', { cause });
}

/** The promise, or an abort error as soon as the signal says so, whatever the promise does. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(createAbortError());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
