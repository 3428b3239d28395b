import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { refusal } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';

/** The run's metadata key of the calls whose approval has been used. */
const approvedKey = 'approved_calls';

const inProgress = new Set<string>();

/**
 * Takes the right to answer the calls that a run waits with: this process takes one answer at a time, so that two tabs do not
 * run the calls twice, or one allow what the other denies. An approval is good for once, also after the process that ran the
 * calls has died. Gives the function that ends the hold of this process.
 */
export async function claimCalls(
  client: AssistantsClient,
  run: Run,
  { isApproved }: { isApproved: boolean },
): Promise<() => void> {
  const taken = (): Error => refusal('thread_busy', 'These calls have been answered already.');
  const key = keyOf(run);
  if (inProgress.has(key)) throw taken();
  inProgress.add(key);
  try {
    // What was read before the hold began may be old.
    const current = await readRun(client, run);
    if (current.status !== 'requires_action' || isUsed(current) || keyOf(current) !== key) throw taken();
    if (isApproved) {
      await client.beta.threads.runs.update(run.id, {
        thread_id: run.thread_id,
        metadata: { ...metadataOf(current), [approvedKey]: roundOf(current) },
      });
    }
  } catch (error) {
    inProgress.delete(key);
    throw error;
  }
  return () => void inProgress.delete(key);
}

/** Whether the calls that this run waits with are being answered. */
export async function areCallsClaimed(client: AssistantsClient, run: Run): Promise<boolean> {
  return inProgress.has(keyOf(run)) || isUsed(await readRun(client, run));
}

function readRun(client: AssistantsClient, run: Run): Promise<Run> {
  return client.beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id });
}

function keyOf(run: Run): string {
  return `${run.id} ${roundOf(run)}`;
}

/** Some models count their calls anew each time; `started_at` changes whenever a run goes on. */
function roundOf(run: Run): string {
  return `${run.started_at} ${run.required_action?.submit_tool_outputs.tool_calls[0]?.id}`;
}

function isUsed(run: Run): boolean {
  return metadataOf(run)[approvedKey] === roundOf(run);
}

function metadataOf({ metadata }: Run): Record<string, string> {
  return (metadata ?? {}) as Record<string, string>;
}
