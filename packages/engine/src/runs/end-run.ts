import type { EngineContext } from '../engine-context.ts';
import {
  findLastStep,
  findObject,
  findRun,
  saveRun,
  saveStep,
  saveWrittenMessage,
} from '../storage/records.ts';
import type { Database } from '../storage/records.ts';
import { nowSeconds, type IncompleteReason, type Run, type RunError, type Usage } from '../wire.ts';
import type { Emit } from './event-log.ts';
import { foldMessage } from './fold-message.ts';
import type { OpenStepState } from './open-step.ts';
import { canChange, changeRun, isTerminal, type RunChange } from './run-machine.ts';

export type IncompleteRunReason = NonNullable<Run['incomplete_details']>['reason'];

/** How a run ends when it does not simply complete. */
export type BadEnding =
  | { to: 'cancelled' | 'expired' }
  | { to: 'incomplete'; reason: IncompleteRunReason }
  | { to: 'failed'; error: RunError; isContentFilter?: boolean };

/**
 * Ends a run badly: closes the message and the step that are open, then the run, in one transaction. Does nothing when
 * the run is over already, so it may be called twice. Without `open` the open step is read from storage, its message put
 * together from the run's events: that is how a run of a dead process is ended.
 */
export async function endRun(
  context: EngineContext,
  runId: string,
  ending: BadEnding,
  open?: { state: OpenStepState | undefined; usage: Usage },
): Promise<Run | undefined> {
  return context.events.commit(runId, async (database, emit) => {
    const stored = await findRun(database, runId);
    if (!stored || isTerminal(stored.run.status)) return stored?.run;
    let { run } = stored;
    const now = nowSeconds();
    const usage = open?.usage ?? stored.details.usage;
    const apply = (change: RunChange) => {
      const changed = changeRun(run, change, now);
      run = changed.run;
      emit(changed.event, run as never);
    };

    // A cancel that found the run before anyone had said so.
    if (ending.to === 'cancelled' && canChange(run.status, 'cancelling')) apply({ to: 'cancelling' });
    const state = open ? open.state : await readOpenStep(database, runId);
    if (state) await closeStep(database, emit, state, ending, now);

    if (ending.to === 'failed') apply({ to: 'failed', usage, error: ending.error });
    else if (ending.to === 'incomplete') apply({ to: 'incomplete', usage, reason: ending.reason });
    else apply({ to: ending.to, usage });
    await saveRun(database, run, { owner: null });
    return run;
  });
}

async function closeStep(
  database: Database,
  emit: Emit,
  state: OpenStepState,
  ending: BadEnding,
  now: number,
): Promise<void> {
  if (state.message) {
    const message = await saveWrittenMessage(database, {
      ...state.message,
      status: 'incomplete',
      incomplete_at: now,
      incomplete_details: { reason: incompleteReason(ending) },
    });
    emit('thread.message.incomplete', message);
  }
  const step = { ...state.step };
  switch (ending.to) {
    case 'cancelled':
      step.status = 'cancelled';
      step.cancelled_at = now;
      break;
    case 'expired':
      step.status = 'expired';
      step.expired_at = now;
      break;
    case 'failed': {
      const { code, message } = ending.error;
      step.status = 'failed';
      step.failed_at = now;
      step.last_error = { code: code === 'invalid_prompt' ? 'server_error' : code, message };
      break;
    }
    case 'incomplete':
      // The step has done what it could; a tool call that was cut off has not.
      step.status = step.type === 'message_creation' ? 'completed' : 'failed';
      if (step.status === 'completed') step.completed_at = now;
      else {
        step.failed_at = now;
        step.last_error = {
          code: 'server_error',
          message: 'The token limit was reached inside a tool call.',
        };
      }
      break;
  }
  step.usage = state.details.usage ?? { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  await saveStep(database, step, state.details);
  emit(`thread.run.step.${step.status as 'completed'}`, step);
}

function incompleteReason(ending: BadEnding): IncompleteReason {
  switch (ending.to) {
    case 'cancelled':
      return 'run_cancelled';
    case 'expired':
      return 'run_expired';
    case 'incomplete':
      return 'max_tokens';
    case 'failed':
      return ending.isContentFilter ? 'content_filter' : 'run_failed';
  }
}

async function readOpenStep(database: Database, runId: string): Promise<OpenStepState | undefined> {
  const last = await findLastStep(database, runId);
  if (last?.step.status !== 'in_progress') return undefined;
  const { step_details: details } = last.step;
  if (details.type === 'tool_calls') return last;
  const message = await findObject(database, 'messages', details.message_creation.message_id);
  return { ...last, message: message && (await foldMessage(database, runId, message)) };
}
