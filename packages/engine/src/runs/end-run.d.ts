import type { EngineContext } from '../engine-context.ts';
import { type Run, type RunError, type Usage } from '../wire.ts';
import type { OpenStepState } from './open-step.ts';
/** How a run ends when it does not simply complete. */
export type BadEnding =
  | {
      to: 'cancelled' | 'expired';
    }
  | {
      to: 'incomplete';
    }
  | {
      to: 'failed';
      error: RunError;
      isContentFilter?: boolean;
    };
/**
 * Ends a run badly: closes the message and the step that are open, then the run, in one transaction. Does nothing when
 * the run is over already, so it may be called twice. Without `open` the open step is read from storage, its message put
 * together from the run's events: that is how a run of a dead process is ended.
 */
export declare function endRun(
  context: EngineContext,
  runId: string,
  ending: BadEnding,
  open?: {
    state: OpenStepState | undefined;
    usage: Usage;
  },
): Promise<Run | undefined>;
//# sourceMappingURL=end-run.d.ts.map
