import { openai } from '../../../../../../lib/engine.ts';
import { ownThread } from '../../../../../../lib/own-thread.ts';
import { route } from '../../../../../../lib/route.ts';

/** Ends the newest run of a thread: the hook's `stop`. Answers when the thread is free for the next message. */
export const POST = route<{ id: string }>(async ({ signal }, owner, { id }) => {
  const client = openai();
  const { runs } = client.beta.threads;
  const thread_id = await ownThread(client, id, owner);
  const [newest] = (await runs.list(thread_id, { limit: 1 })).data;
  if (!newest) return Response.json({ run: null });
  // The page has hung up too, and the answer that it left may have cancelled the run already; or it has just ended.
  await runs.cancel(newest.id, { thread_id }).catch(() => undefined);
  const { status } = await runs.poll(newest.id, { thread_id }, { pollIntervalMs: 100, signal });
  return Response.json({ run: { id: newest.id, status } });
});
