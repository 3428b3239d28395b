import { expect, test } from 'vitest';
import type { Run, RunStatus } from '../wire.ts';
import { changeRun, IllegalTransitionError, isStopEvent, isTerminal, type RunChange } from './run-machine.ts';

const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
const action: NonNullable<Run['required_action']> = {
  type: 'submit_tool_outputs',
  submit_tool_outputs: { tool_calls: [] },
};
const changes: Record<RunStatus, RunChange> = {
  queued: { to: 'queued' },
  in_progress: { to: 'in_progress' },
  requires_action: { to: 'requires_action', required_action: action },
  cancelling: { to: 'cancelling' },
  cancelled: { to: 'cancelled', usage },
  failed: { to: 'failed', usage, error: { code: 'server_error', message: 'No.' } },
  completed: { to: 'completed', usage },
  incomplete: { to: 'incomplete', usage, reason: 'max_completion_tokens' },
  expired: { to: 'expired', usage },
};
const statuses = Object.keys(changes) as RunStatus[];

/** As the documentation of the API draws it. */
const legal: Partial<Record<RunStatus, RunStatus[]>> = {
  queued: ['in_progress', 'cancelling', 'expired', 'failed'],
  in_progress: ['requires_action', 'completed', 'incomplete', 'failed', 'expired', 'cancelling'],
  requires_action: ['queued', 'cancelling', 'expired', 'failed'],
  cancelling: ['cancelled', 'completed', 'incomplete', 'failed', 'expired'],
};

function runIn(status: RunStatus): Run {
  return {
    id: 'run_1',
    object: 'thread.run',
    created_at: 100,
    thread_id: 'thread_1',
    assistant_id: 'asst_1',
    status,
    required_action: status === 'requires_action' ? action : null,
    last_error: null,
    expires_at: 700,
    started_at: null,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    incomplete_details: null,
    model: 'm',
    instructions: '',
    tools: [],
    metadata: {},
    usage: null,
    max_prompt_tokens: null,
    max_completion_tokens: null,
    truncation_strategy: { type: 'auto', last_messages: null },
    tool_choice: 'auto',
    parallel_tool_calls: true,
    response_format: 'auto',
    temperature: 1,
    top_p: 1,
  };
}

const pairs = statuses.flatMap((from) => statuses.map((to) => ({ from, to })));
const isLegal = ({ from, to }: (typeof pairs)[number]) => legal[from]?.includes(to) ?? false;

test.each(pairs.filter((pair) => !isLegal(pair)))('a run never goes from $from to $to', ({ from, to }) => {
  expect(() => changeRun(runIn(from), changes[to], 123)).toThrow(IllegalTransitionError);
});

test.each(pairs.filter(isLegal))(
  'a run goes from $from to $to, with all that belongs to it',
  ({ from, to }) => {
    const { run: next, event } = changeRun(Object.freeze(runIn(from)), changes[to], 123);
    expect(event).toBe(`thread.run.${to}`);
    expect(next.status).toBe(to);
    expect(next.required_action).toBe(to === 'requires_action' ? action : null);
    expect(next.usage).toBe(isTerminal(to) ? usage : null);
    expect(next.expires_at).toBe(isTerminal(to) && to !== 'expired' ? null : 700);
    expect(next.started_at).toBe(to === 'in_progress' ? 123 : null);
    expect(next.cancelled_at).toBe(to === 'cancelled' ? 123 : null);
    expect(next.failed_at).toBe(to === 'failed' ? 123 : null);
    expect(next.completed_at).toBe(to === 'completed' ? 123 : null);
    expect(isStopEvent(event)).toBe(isTerminal(to) || to === 'requires_action');
  },
);
