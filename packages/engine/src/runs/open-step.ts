import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import type { StepPrivate } from '../storage/records.ts';
import { nowSeconds, type Message, type Run, type RunStep } from '../wire.ts';

/** The run that steps are written for. */
export interface RunScope {
  context: EngineContext;
  run: Run;
  /** The run's caller asked for the passages that searches find. */
  includesContent?: boolean | undefined;
}

/** A step that is being written, as it stands now: what must be closed when the run ends badly. */
export interface OpenStep {
  snapshot(): OpenStepState;
}

export interface OpenStepState {
  step: RunStep;
  details: StepPrivate;
  /** The message that the step writes. */
  message?: Message | undefined;
}

/** A new step of a run. */
export function createStep(run: Run, stepDetails: RunStep['step_details']): RunStep {
  return {
    id: createId('step'),
    object: 'thread.run.step',
    created_at: nowSeconds(),
    assistant_id: run.assistant_id,
    thread_id: run.thread_id,
    run_id: run.id,
    type: stepDetails.type,
    status: 'in_progress',
    step_details: stepDetails,
    last_error: null,
    expired_at: null,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    metadata: {},
    usage: null,
  };
}
