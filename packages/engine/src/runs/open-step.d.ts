import type { EngineContext } from '../engine-context.ts';
import type { StepPrivate } from '../storage/records.ts';
import { type Message, type Run, type RunStep } from '../wire.ts';
/** The run that steps are written for. */
export interface RunScope {
  context: EngineContext;
  run: Run;
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
export declare function createStep(run: Run, stepDetails: RunStep['step_details']): RunStep;
//# sourceMappingURL=open-step.d.ts.map
