import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { isActive } from '../forward-stream.ts';
import { isThreadBusy, refusal, statusOf } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';
import { waitForRun } from '../wait-for-run.ts';
import { isEngineId } from './context.ts';
import type { Call } from './context.ts';

/** The newest run of a thread. */
export async function newestRun(client: AssistantsClient, threadId: string): Promise<Run | undefined> {
  const page = await client.beta.threads.runs.list(threadId, { order: 'desc', limit: 1 });
  return page.data[0];
}

/** A run of this thread. */
export async function readRun(call: Call, thread: Thread, runId: string): Promise<Run> {
  if (!isEngineId(runId)) throw refusal('not_found');
  try {
    return await call.client.beta.threads.runs.retrieve(runId, { thread_id: thread.id });
  } catch (error) {
    if (statusOf(error) === 404) throw refusal('not_found');
    throw error;
  }
}

/** How long a cancelled run may take to end before the answer no longer waits for it. */
const patience = 2000;

/** Waits until a run that is being cancelled has left its thread, so that the next message finds it free. */
export function settle(client: AssistantsClient, run: Run): Promise<Run> {
  return waitForRun(client, run, ['cancelling'], { timeout: patience });
}

/** Does what needs the thread. A run that was stopped a moment ago may still hold it: its end is waited for. */
export async function whenFree<T>(
  client: AssistantsClient,
  threadId: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isThreadBusy(error)) throw error;
    const run = await newestRun(client, threadId);
    const isStopping = run?.status === 'cancelling' && !isActive(await settle(client, run));
    if (!isStopping) throw error;
    return work();
  }
}
