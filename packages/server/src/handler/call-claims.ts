import type { Run } from 'openai/resources/beta/threads/runs/runs';
import { isClientTool } from '../function-tools.ts';
import type { FunctionTools } from '../function-tools.ts';
import { askOnError, refusal, statusOf } from '../public-errors.ts';
import type { OnError } from '../public-errors.ts';
import type { AssistantsClient } from '../run-thread.ts';
import { waitsForBrowser } from '../tool-approvals.ts';
import { isEngineId } from './context.ts';
import { metadataOf } from './metadata.ts';

/** The run's metadata key of the calls whose approval has been used. */
const approvedKey = 'approved_calls';

/** The run's metadata key of what must be taken away to answer the calls that it waits with. */
const tokenKey = 'approval_token';

const inProgress = new Set<string>();

/**
 * Lays down what the first answer to the question of this run takes away. Metadata has no compare-and-set, but of all who
 * delete a thread only one has deleted it: an empty thread decides between processes.
 */
export async function offerCalls(
  client: AssistantsClient,
  run: Run | undefined,
  { tools, onError }: { tools?: FunctionTools | undefined; onError?: OnError | undefined },
): Promise<void> {
  const waiting = run?.status === 'requires_action' && run.required_action;
  const calls = waiting ? waiting.submit_tool_outputs.tool_calls : [];
  try {
    // What the browser answers alone does nothing here.
    const isOwn = calls.some((call) => !isClientTool(tools, call.function.name));
    if (!run || !isOwn || !(await waitsForBrowser(calls, tools, onError))) return;
    const token = await client.beta.threads.create({ metadata: { approves: run.id } });
    const current = await readRun(client, run);
    await client.beta.threads.runs.update(run.id, {
      thread_id: run.thread_id,
      metadata: { ...metadataOf(current), [tokenKey]: `${token.id} ${roundOf(run)}` },
    });
  } catch (error) {
    // Without it a question can be answered all the same.
    askOnError(error, onError);
  }
}

/**
 * Takes the right to answer the calls that a run waits with: this process takes one answer at a time, so that two tabs do not
 * run the calls twice, or one allow what the other denies. An approval is good for once, in all processes, also after the
 * one that ran the calls has died. Gives the function that ends the hold of this process.
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
    if (!(await takeToken(client, current))) throw taken();
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

/** Lets the calls of this run be answered again: the answer that took the right to it has not reached the engine. */
export async function handBackCalls(
  client: AssistantsClient,
  run: Run,
  options: Parameters<typeof offerCalls>[2],
): Promise<void> {
  try {
    const current = await readRun(client, run);
    if (keyOf(current) === keyOf(run)) await offerCalls(client, current, options);
  } catch (error) {
    askOnError(error, options.onError);
  }
}

/** Takes away what was laid down for a question that nobody will answer any more. */
export async function forgetCalls(client: AssistantsClient, run: Run): Promise<void> {
  // It is gone where somebody has answered.
  await takeToken(client, run).catch(() => undefined);
}

/** Whether the calls that this run waits with are being answered. */
export async function areCallsClaimed(client: AssistantsClient, run: Run): Promise<boolean> {
  return inProgress.has(keyOf(run)) || isUsed(await readRun(client, run));
}

/** Whether the token of this question was there to be taken; true also where there never was one. */
async function takeToken(client: AssistantsClient, run: Run): Promise<boolean> {
  const [, id = '', round] = /^(\S+) (.*)$/.exec(metadataOf(run)[tokenKey] ?? '') ?? [];
  if (round !== roundOf(run) || !isEngineId(id)) return true;
  try {
    await client.beta.threads.delete(id);
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
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
