import { isActive } from '../forward-stream.ts';
import { userMessageIdKey } from '../from-assistants.ts';
import { refusal } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';
import { collect } from './collect.ts';
import { clientIdKey, replacedKey } from './context.ts';

/**
 * Takes a thread back to a user's message: deletes what came after it, and with `keeps: false` the message too. Runs that
 * answered what is gone are marked, so that the history leaves them out. Resolves with the id of the kept message.
 */
export async function rewind(
  client: AssistantsClient,
  threadId: string,
  to: { messageId: string | undefined; keeps: boolean },
): Promise<string | undefined> {
  const [messages, runs] = await Promise.all([
    collect(client.beta.threads.messages.list(threadId, { order: 'asc', limit: 100 })),
    collect(client.beta.threads.runs.list(threadId, { order: 'asc', limit: 100 })),
  ]);
  if (runs.some(isActive)) throw refusal('thread_busy');
  const named = runs.find(({ id }) => id === to.messageId);
  const wanted = named ? (named.metadata as Record<string, string> | null)?.[userMessageIdKey] : to.messageId;
  const index = messages.findLastIndex(
    ({ id, role, metadata }) =>
      role === 'user' &&
      (wanted === undefined ||
        id === wanted ||
        (metadata as Record<string, string> | null)?.[clientIdKey] === wanted),
  );
  if (index === -1) {
    if (to.keeps || to.messageId !== undefined) throw refusal('not_found', 'The message was not found.');
    return undefined;
  }
  const kept = messages[index]!;
  const gone = new Set(messages.slice(to.keeps ? index + 1 : index).map(({ id }) => id));
  const answered = new Set([...gone, kept.id]);
  for (const run of runs) {
    const metadata = (run.metadata ?? {}) as Record<string, string>;
    const answers = metadata[userMessageIdKey];
    const isGone =
      (answers !== undefined && answered.has(answers)) ||
      messages.some((m) => m.run_id === run.id && gone.has(m.id));
    if (!isGone || metadata[replacedKey]) continue;
    await client.beta.threads.runs.update(run.id, {
      thread_id: threadId,
      metadata: { ...metadata, [replacedKey]: 'true' },
    });
  }
  for (const id of gone) await client.beta.threads.messages.delete(id, { thread_id: threadId });
  return to.keeps ? kept.id : undefined;
}
