import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { FinishEvent } from './options.ts';
import { ModelServer } from './test-support/model-server.ts';

beforeAll(preload);
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const index = fc.nat({ max: 7 });

/** What may happen next, to the client or to the server. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('submit' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('stop' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('switch' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remount' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('upload' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('remove' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resume' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('regenerate' as const) }) },
  { weight: 10, arbitrary: fc.record({ kind: fc.constant('deliver' as const), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), index }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('tick' as const),
      index,
      isLast: fc.nat({ max: 3 }).map((n) => n === 0),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drop' as const), index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('send-queued' as const), index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('call-tool' as const), index }) },
);

type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/*
 * Why no `fc.scheduler()`: it orders the tasks that a test hands to it, which here would be the answers of the network.
 * These steps order those too (`deliver` and `tick` choose which), and more: what a scheduler always settles can be
 * lost, cut in the middle or left waiting for ever, time passes between any two, and a failure shrinks to a list of
 * steps that reads like the report of a bug.
 */
async function play(whenBusy: 'stop' | 'queue', steps: Step[]): Promise<void> {
  const server = new ModelServer();
  const finishes: FinishEvent[] = [];
  const calls: string[] = [];
  const client = new AssistantClient({
    fetch: server.fetch as typeof fetch,
    retry: { baseDelay: 10, retries: 3 },
    onFinish: (event) => finishes.push(event),
    onToolCall: ({ toolCall }) => {
      calls.push(toolCall.toolCallId);
      return new Promise((resolve) => setTimeout(() => resolve('seen'), 15));
    },
    whenBusy,
    storage: { getItem: () => null, setItem() {}, removeItem() {} },
  });
  const leave = client.subscribe(check);
  let unmount = client.mount();
  let isAway = false;
  let submits = 0;
  let regenerations = 0;
  /** Runs that the user has ended before they stood there whole. */
  const cut = new Set<string>();

  function check() {
    const { messages, threadId } = client.getSnapshot();
    const answers = messages.filter(({ role }) => role === 'assistant');
    for (const { id, content } of answers) {
      const run = server.runs.find((candidate) => candidate.id === id);
      expect(run?.threadId, 'a token stands in the thread it was made for').toBe(threadId);
      expect(run?.text.startsWith(content), `"${content}" has no repeat and no gap: "${run?.text}"`).toBe(
        true,
      );
    }
    expect(new Set(messages.map(({ id }) => id)).size, 'no message stands twice').toBe(messages.length);
  }

  function cutShort() {
    const { messages, threadId } = client.getSnapshot();
    for (const run of server.runs.filter((candidate) => candidate.threadId === threadId)) {
      const shown = messages.find(({ id }) => id === run.id)?.content;
      // One that waits for a tool is over as well, even if the output is on its way and more text follows it.
      const isActive = run.status === 'in_progress' || run.status === 'requires_action';
      if (isActive || shown !== run.text) cut.add(run.id);
    }
  }

  async function perform(next: Step) {
    if (['submit', 'stop', 'regenerate', 'send-queued'].includes(next.kind)) cutShort();
    switch (next.kind) {
      case 'submit':
        submits += 1;
        client.setInput(`message ${submits}`);
        void client.submit();
        return;
      case 'stop':
        void client.stop();
        return;
      case 'switch': {
        const ids = [undefined, ...server.threadIds];
        return client.setThreadId(ids[next.index % ids.length]);
      }
      case 'remount':
        isAway = false;
        unmount();
        unmount = client.mount();
        return;
      case 'leave':
        isAway = true;
        return unmount();
      case 'upload':
        client.addFiles([new File(['a'], `${submits}.csv`, { type: 'text/csv' })]);
        return;
      case 'remove': {
        const { files } = client.getSnapshot();
        return client.removeFile(files[next.index % files.length]?.id ?? '');
      }
      case 'resume':
        void client.resumeStream();
        return;
      case 'regenerate':
        regenerations += 1;
        void client.regenerate();
        return;
      case 'deliver':
        return server.deliver(next.index);
      case 'lose':
        return server.lose(next.index);
      case 'tick':
        return server.tick(next.index, next.isLast);
      case 'drop':
        return server.drop(next.index);
      case 'call-tool':
        return server.call(next.index);
      case 'send-queued': {
        const { queuedMessages } = client.getSnapshot();
        return void client.sendQueuedMessageNow(queuedMessages[next.index % queuedMessages.length]?.id ?? '');
      }
      case 'wait':
        await vi.advanceTimersByTimeAsync(20);
    }
  }

  for (const next of steps) {
    await perform(next);
    // Some steps fall into the same task as the next: a user and a network do not wait for each other.
    if (next.kind !== 'submit') await vi.advanceTimersByTimeAsync(0);
    check();
  }

  if (isAway) unmount = client.mount();
  // Now the network is well and the runs come to their end.
  for (let round = 0; round < 200; round += 1) {
    if (server.pending.length > 0) server.deliver(0);
    else server.tick(0, true);
    await vi.advanceTimersByTimeAsync(100);
    check();
    if (server.isIdle && round > 5) break;
  }
  server.expire();
  await vi.advanceTimersByTimeAsync(60_000);
  check();
  const { status, messages, error } = client.getSnapshot();
  expect(['ready', 'error'], 'it ends idle').toContain(status);
  expect(server.posts - server.refusals, 'at most one request for each submit').toBeLessThanOrEqual(
    submits + regenerations,
  );
  expect(new Set(calls).size, 'no tool runs twice for one call').toBe(calls.length);
  expect(new Set(server.answered).size, 'no call is answered twice').toBe(server.answered.length);
  const taken = server.taken.filter(({ trigger }) => trigger === 'submit-message').map(({ text }) => text);
  expect(new Set(taken).size, 'no message is taken twice').toBe(taken.length);
  const ended = finishes
    .filter(({ isError, isAbort }) => !isError && !isAbort)
    // Where a run waits for a tool, only its stream ends.
    .filter(({ message }) => message.metadata?.runStatus !== 'requires_action')
    .map(({ message }) => message.id);
  expect(new Set(ended).size, `one finish for each run: ${ended.join()}`).toBe(ended.length);
  const torn = messages.filter(
    ({ id, content }) =>
      !error && server.runs.some((run) => run.id === id && !cut.has(id) && run.text !== content),
  );
  expect(torn, 'a run that is over stands there whole').toEqual([]);
  unmount();
  leave();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(vi.getTimerCount(), 'no timer is left').toBe(0);
}

test('In whatever order a user, a network and a server act, no token is lost, doubled or misplaced.', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('stop', 'queue'), fc.array(step, { minLength: 5, maxLength: 40 }), play),
    {
      numRuns: 10_000,
    },
  );
}, 600_000);
