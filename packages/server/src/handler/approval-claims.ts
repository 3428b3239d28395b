import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { refusal } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';

/** The run's metadata key of the calls whose approval has been used. */
const approvedKey = 'approved_calls';

const inProgress = new Set<string>();

/**
 * Takes the right to run the calls that a run waits with: an approval is good for once, also when it is sent twice, from two
 * tabs, or after the process that ran the calls has died. Gives the function that ends the hold of this process.
 */
export async function claimApproval(client: AssistantsClient, run: Run): Promise<() => void> {
  const taken = (): Error => refusal('thread_busy', 'These calls have been answered already.');
  // Some models count their calls anew each time; `started_at` changes whenever a run goes on.
  const round = `${run.started_at} ${run.required_action?.submit_tool_outputs.tool_calls[0]?.id}`;
  const key = `${run.id} ${round}`;
  if (inProgress.has(key)) throw taken();
  inProgress.add(key);
  try {
    // What was read before the hold began may be old.
    const current = await client.beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id });
    const metadata = (current.metadata ?? {}) as Record<string, string>;
    if (current.status !== 'requires_action' || metadata[approvedKey] === round) throw taken();
    await client.beta.threads.runs.update(run.id, {
      thread_id: run.thread_id,
      metadata: { ...metadata, [approvedKey]: round },
    });
  } catch (error) {
    inProgress.delete(key);
    throw error;
  }
  return () => void inProgress.delete(key);
}
