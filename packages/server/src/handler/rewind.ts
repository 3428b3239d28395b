import type { Message } from 'openai/resources/beta/threads/messages';
import { isActive } from '../forward-stream.ts';
import { userMessageIdKey } from '../from-assistants.ts';
import { refusal, statusOf } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';
import { clientIdKey, isEngineId, replacedKey } from './context.ts';
import { metadataOf } from './metadata.ts';
import { newestRun } from './runs.ts';

/**
 * Takes a thread back to a user's message: deletes what came after it, and with `keeps: false` the message too. Runs that
 * answered what is gone are marked, so that the history leaves them out. Resolves with the id of the kept message.
 */
export async function rewind(
  client: AssistantsClient,
  threadId: string,
  to: { messageId: string | undefined; keeps: boolean },
): Promise<string | undefined> {
  const newest = await newestRun(client, threadId);
  if (newest && isActive(newest)) throw refusal('thread_busy');
  const wanted = await userMessageOf(client, threadId, to.messageId);
  // From the end on: what came after the message is short, however long the thread.
  const later: Message[] = [];
  let kept: Message | undefined;
  for await (const message of client.beta.threads.messages.list(threadId, { order: 'desc', limit: 100 })) {
    const isWanted =
      wanted === undefined || message.id === wanted || metadataOf(message)[clientIdKey] === wanted;
    if (message.role === 'user' && isWanted) {
      kept = message;
      break;
    }
    later.push(message);
  }
  if (!kept) {
    if (to.keeps || to.messageId !== undefined) throw refusal('not_found', 'The message was not found.');
    return undefined;
  }
  const gone = to.keeps ? later : [...later, kept];
  const answered = new Set([...gone, kept].map(({ id }) => id));
  const made = new Set(gone.map(({ run_id: runId }) => runId));
  for await (const run of client.beta.threads.runs.list(threadId, { order: 'desc', limit: 100 })) {
    if (run.created_at < kept.created_at) break;
    const metadata = metadataOf(run);
    const answers = metadata[userMessageIdKey];
    const isGone = (answers !== undefined && answered.has(answers)) || made.has(run.id);
    if (!isGone || metadata[replacedKey]) continue;
    await client.beta.threads.runs.update(run.id, {
      thread_id: threadId,
      metadata: { ...metadata, [replacedKey]: 'true' },
    });
  }
  for (const { id } of gone.toReversed()) {
    await client.beta.threads.messages.delete(id, { thread_id: threadId });
  }
  return to.keeps ? kept.id : undefined;
}

/** The message that a run answers, when the id is that of a run: the page knows answers by their runs. */
async function userMessageOf(
  client: AssistantsClient,
  threadId: string,
  id: string | undefined,
): Promise<string | undefined> {
  if (!id?.startsWith('run_') || !isEngineId(id)) return id;
  const named = await client.beta.threads.runs
    .retrieve(id, { thread_id: threadId })
    .catch((error: unknown) => {
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
  return named ? metadataOf(named)[userMessageIdKey] : id;
}
