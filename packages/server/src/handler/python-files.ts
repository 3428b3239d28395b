import type { MessageCreateParams } from 'openai/resources/beta/threads/messages';
import { isThreadBusy, refusal, statusOf } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';

/** Files that a thread lists for Python, by the Assistants API. */
const mostPythonFiles = 20;

type WithFiles = Pick<MessageCreateParams, 'attachments'>;

/** The files of a message that are for Python; refuses more than a thread takes. */
export function pythonFilesOf({ attachments }: WithFiles): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { file_id: id, tools } of attachments ?? []) {
    if (id !== undefined && tools?.some(({ type }) => type === 'code_interpreter')) ids.add(id);
  }
  if (ids.size <= mostPythonFiles) return ids;
  throw refusal('too_many_files', `A message takes at most ${mostPythonFiles} files for Python.`);
}

/**
 * Makes room for the files of a message that the engine refused: those that have been in the thread's list for longest
 * leave it, so that a long conversation does not come to an end at its 21st file. They stay in their messages, and can be
 * sent again. False when the refusal was about something else.
 */
export async function makeRoom(
  client: AssistantsClient,
  threadId: string,
  message: WithFiles,
  error: unknown,
): Promise<boolean> {
  if (statusOf(error) !== 400 || isThreadBusy(error)) return false;
  const added = pythonFilesOf(message);
  if (added.size === 0) return false;
  const { tool_resources: resources } = await client.beta.threads.retrieve(threadId);
  const known = resources?.code_interpreter?.file_ids ?? [];
  const others = known.filter((id) => !added.has(id));
  if (others.length + added.size <= mostPythonFiles) return false;
  const file_ids = others.slice(others.length + added.size - mostPythonFiles);
  await client.beta.threads.update(threadId, {
    tool_resources: { ...resources, code_interpreter: { file_ids } },
  });
  return true;
}
