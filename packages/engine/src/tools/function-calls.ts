import { badRequest } from '../http/errors.ts';
import type { Emit } from '../runs/event-log.ts';
import { findLastStep, findRun, saveStep, type Database } from '../storage/records.ts';
import { nowSeconds, type Run, type RunStep } from '../wire.ts';
import { withContent } from './file-search.ts';

/** Fills the outputs into the step that waits for them and ends it. All outputs come in one request, each once. */
export async function answerCalls(
  database: Database,
  emit: Emit,
  run: Run,
  outputs: { tool_call_id?: string | undefined; output?: string | undefined }[],
): Promise<void> {
  const expected = run.required_action!.submit_tool_outputs.tool_calls.map(({ id }) => id);
  const given = new Map(outputs.map(({ tool_call_id: id, output }) => [id ?? '', output ?? '']));
  if (
    given.size !== expected.length ||
    outputs.length !== given.size ||
    !expected.every((id) => given.has(id))
  ) {
    const list = (ids: string[]) => `[${ids.map((id) => `'${id}'`).join(', ')}]`;
    const got = outputs.map(({ tool_call_id: id }) => id ?? '');
    throw badRequest(`Expected tool outputs for call_ids ${list(expected)}, got ${list(got)}`);
  }
  const last = await findLastStep(database, run.id);
  if (last?.step.step_details.type !== 'tool_calls') throw new Error(`Run ${run.id} waits without a step.`);
  const step: RunStep = {
    ...last.step,
    status: 'completed',
    completed_at: nowSeconds(),
    usage: last.details.usage,
  };
  for (const call of last.step.step_details.tool_calls) {
    const output = given.get(call.id);
    if (call.type === 'function' && output !== undefined) call.function.output = output;
  }
  await saveStep(database, step);
  const stored = await findRun(database, run.id);
  emit('thread.run.step.completed', stored?.details.includesContent ? withContent(step, last.details) : step);
}
