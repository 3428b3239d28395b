import type { Run } from 'openai/resources/beta/threads/runs';

/** Why a run did not end well, in a sentence; undefined when it did. */
export function outcomeOf(run: Run): string | undefined {
  switch (run.status) {
    case 'completed':
      return undefined;
    case 'failed':
      return `The run failed: ${run.last_error?.message ?? 'nobody knows why.'}`;
    case 'incomplete':
      return `The answer is cut off (${run.incomplete_details?.reason ?? 'no reason given'}). Ask for less at once.`;
    case 'expired':
      return 'The run took longer than ten minutes and expired. Ask again.';
    case 'cancelled':
    case 'cancelling':
      return 'The run was cancelled.';
    default:
      return `The run stopped while it was ${run.status}.`;
  }
}
