import type { EventName, Run, RunError, RunStatus, Usage } from '../wire.ts';

/** Which status may follow which. What is not here does not happen. */
const transitions: Record<RunStatus, readonly RunStatus[]> = {
  queued: ['in_progress', 'cancelling', 'expired', 'failed'],
  in_progress: ['requires_action', 'completed', 'incomplete', 'failed', 'expired', 'cancelling'],
  requires_action: ['queued', 'cancelling', 'expired', 'failed'],
  cancelling: ['cancelled', 'completed', 'incomplete', 'failed', 'expired'],
  cancelled: [],
  failed: [],
  completed: [],
  incomplete: [],
  expired: [],
};

/** A change of a run's status, with what that status brings along. */
export type RunChange =
  | { to: 'queued' | 'in_progress' | 'cancelling' }
  | { to: 'requires_action'; required_action: NonNullable<Run['required_action']> }
  | { to: 'completed' | 'cancelled' | 'expired'; usage: Usage }
  | { to: 'incomplete'; usage: Usage; reason: 'max_completion_tokens' | 'max_prompt_tokens' }
  | { to: 'failed'; usage: Usage; error: RunError };

/** The run is not in a status that the change may start from. */
export class IllegalTransitionError extends Error {
  override readonly name = 'IllegalTransitionError';
  readonly from: RunStatus;
  readonly to: RunStatus;

  constructor(from: RunStatus, to: RunStatus) {
    super(`A run cannot go from "${from}" to "${to}".`);
    this.from = from;
    this.to = to;
  }
}

/** Whether nothing follows this status any more. */
export function isTerminal(status: RunStatus): boolean {
  return transitions[status].length === 0;
}

/** Whether the change may be made in this status. */
export function canChange(from: RunStatus, to: RunStatus): boolean {
  return transitions[from].includes(to);
}

/** The run after the change, and the name of the event that tells of it. Pure: the caller stores both. */
export function changeRun(run: Run, change: RunChange, now: number): { run: Run; event: EventName } {
  if (!canChange(run.status, change.to)) throw new IllegalTransitionError(run.status, change.to);
  const next: Run = { ...run, status: change.to };
  // What a run waits for is gone as soon as it no longer waits.
  next.required_action = change.to === 'requires_action' ? change.required_action : null;
  if ('usage' in change) next.usage = change.usage;
  switch (change.to) {
    case 'in_progress':
      next.started_at = now;
      break;
    case 'completed':
      next.completed_at = now;
      next.expires_at = null;
      break;
    case 'incomplete':
      next.incomplete_details = { reason: change.reason };
      next.expires_at = null;
      break;
    case 'failed':
      next.failed_at = now;
      next.last_error = change.error;
      next.expires_at = null;
      break;
    case 'cancelled':
      next.cancelled_at = now;
      next.expires_at = null;
      break;
    case 'queued':
    case 'requires_action':
    case 'cancelling':
    case 'expired':
      break;
  }
  return { run: next, event: `thread.run.${change.to}` };
}

/** Whether the event tells of the run itself, and not of a step or a message. */
export function isRunEvent(event: string): boolean {
  return event.startsWith('thread.run.') && !event.startsWith('thread.run.step.');
}

/** Whether a stream of the run ends with this event: the run is over, or waits for its caller. */
export function isStopEvent(event: string): boolean {
  return stopEvents.has(event);
}

/** Whether the run is over with this event. */
export function isFinalEvent(event: string): boolean {
  return stopEvents.has(event) && event !== 'thread.run.requires_action';
}

const stopEvents = new Set<string>([
  'thread.run.requires_action',
  'thread.run.completed',
  'thread.run.incomplete',
  'thread.run.failed',
  'thread.run.cancelled',
  'thread.run.expired',
] satisfies EventName[]);
