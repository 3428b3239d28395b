import type { EventName, Run, RunError, RunStatus, Usage } from '../wire.ts';
/** A change of a run's status, with what that status brings along. */
export type RunChange =
  | {
      to: 'queued' | 'in_progress' | 'cancelling';
    }
  | {
      to: 'requires_action';
      required_action: NonNullable<Run['required_action']>;
    }
  | {
      to: 'completed' | 'cancelled' | 'expired';
      usage: Usage;
    }
  | {
      to: 'incomplete';
      usage: Usage;
      reason: 'max_completion_tokens' | 'max_prompt_tokens';
    }
  | {
      to: 'failed';
      usage: Usage;
      error: RunError;
    };
/** The run is not in a status that the change may start from. */
export declare class IllegalTransitionError extends Error {
  readonly name = 'IllegalTransitionError';
  readonly from: RunStatus;
  readonly to: RunStatus;
  constructor(from: RunStatus, to: RunStatus);
}
/** Whether nothing follows this status any more. */
export declare function isTerminal(status: RunStatus): boolean;
/** Whether the change may be made in this status. */
export declare function canChange(from: RunStatus, to: RunStatus): boolean;
/** The run after the change, and the name of the event that tells of it. Pure: the caller stores both. */
export declare function changeRun(
  run: Run,
  change: RunChange,
  now: number,
): {
  run: Run;
  event: EventName;
};
/** Whether a stream of the run ends with this event: the run is over, or waits for its caller. */
export declare function isStopEvent(event: string): boolean;
//# sourceMappingURL=run-machine.d.ts.map
