import fc from 'fast-check';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import { toToolParts } from './messages.ts';
import type { FinishEvent } from './options.ts';
import type { ToolPart } from './state.ts';
import { stubPage } from './test-support/fake-page.ts';
import { isActive, RaceServer } from './test-support/race-server.ts';
import type { Run } from './test-support/race-server.ts';

beforeAll(preload);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'] });
  // The same seed is the same play, also where pauses are part chance.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** What a user may do, and how often. */
const weights = {
  submit: 10,
  stop: 3,
  stopElsewhere: 1,
  switch: 3,
  leave: 1,
  remount: 2,
  resume: 2,
  comeOnline: 2,
  regenerate: 2,
  edit: 1,
  clearError: 1,
  upload: 3,
  removeFile: 1,
  sendQueued: 1,
  removeQueued: 1,
  answer: 3,
  decide: 3,
};

const action = fc.record({
  kind: fc.oneof(
    ...Object.entries(weights).map(([kind, weight]) => ({
      weight,
      arbitrary: fc.constant(kind as keyof typeof weights),
    })),
  ),
  index: fc.nat({ max: 5 }),
});

/** Two actions in one task meet before anything else can happen. */
const moments = fc.array(fc.array(action, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 6 });

/** Until every promise that can settle has: a page finishes one task before the next. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/*
 * What the user does, every request and its answer, every word of a run, the bytes of every connection, the parts of every
 * upload, every tool and every timer is a task of fast-check's scheduler, which picks the next among those that wait. What
 * it cannot do to a task, namely lose it or cut it, is drawn when the task comes (see `RaceServer`). And it does not make
 * its order shorter where it shrinks, but what the user does: the rest follows.
 */
async function play(
  scheduler: fc.Scheduler,
  whenBusy: 'stop' | 'queue',
  moments: { kind: keyof typeof weights; index: number }[][],
  fates: Iterator<number>,
): Promise<void> {
  const server = new RaceServer(scheduler, fates);
  const { listeners } = stubPage(server);
  const finishes: FinishEvent[] = [];
  /** What tools and users have given for each call. */
  const given = new Map<string, unknown>();
  const called: string[] = [];
  const client = new AssistantClient({
    retry: { baseDelay: 10, retries: 3 },
    onFinish: (event) => finishes.push(event),
    onToolCall: ({ toolCall: { toolCallId } }) => {
      called.push(toolCallId);
      // Every third is for the user to answer.
      if (called.length % 3 === 0) return undefined;
      return new Promise((resolve) =>
        server.later(`the tool has answered ${toolCallId}`, () => {
          given.set(toolCallId, toolCallId);
          resolve(toolCallId);
        }),
      );
    },
    whenBusy,
    storage: { getItem: () => null, setItem() {}, removeItem() {} },
  });
  const unsubscribe = client.subscribe(check);
  let unmount = client.mount();
  let isAway = false;
  /** How often a user has asked for an answer. */
  let requests = 0;
  /** Runs that the user has ended before they stood there whole; one that waits for a tool may have got its output. */
  const cut = new Set<string>();

  function check() {
    const { messages, threadId } = client.getSnapshot();
    for (const { id, role, content } of messages) {
      if (role !== 'assistant') continue;
      const run = server.runs.find((candidate) => candidate.id === id);
      // Looked at a million times, and `expect` is not quick.
      if (run?.threadId !== threadId)
        expect(threadId, 'a token stands in the thread it was made for').toBe(run?.threadId);
      if (!run?.text.startsWith(content)) expect(content, 'no repeat and no gap').toBe(run?.text);
    }
    if (new Set(messages.map(({ id }) => id)).size < messages.length)
      expect.fail(`no message stands twice: ${messages.map(({ id }) => id).join()}`);
  }

  function cutShort() {
    const { messages, threadId } = client.getSnapshot();
    for (const run of server.runs.filter((candidate) => candidate.threadId === threadId)) {
      const shown = messages.find(({ id }) => id === run.id)?.content;
      if (isActive(run) || shown !== run.text) cut.add(run.id);
    }
  }

  const nth = <Value>(values: readonly Value[], index: number): Value | undefined =>
    values[index % values.length];
  const parts = () => client.getSnapshot().messages.flatMap((message) => toToolParts(message));

  const user: Record<keyof typeof weights, (index: number) => void> = {
    submit() {
      cutShort();
      requests += 1;
      // What has come back is sent again.
      client.setInput((input) => input || `message ${requests}`);
      void client.submit();
    },
    stop() {
      cutShort();
      void client.stop();
    },
    stopElsewhere() {
      server.cancel(client.getSnapshot().threadId);
    },
    switch(index) {
      client.setThreadId(nth([undefined, ...server.threadIds], index));
    },
    leave() {
      isAway = true;
      unmount();
    },
    remount() {
      isAway = false;
      unmount();
      unmount = client.mount();
    },
    resume() {
      void client.resumeStream();
    },
    comeOnline() {
      for (const listener of listeners) listener();
    },
    regenerate() {
      cutShort();
      requests += 1;
      void client.regenerate();
    },
    edit(index) {
      cutShort();
      requests += 1;
      const asked = client.getSnapshot().messages.filter(({ role }) => role === 'user');
      void client.sendMessage({ text: `message ${requests}`, messageId: nth(asked, index)?.id });
    },
    clearError() {
      client.clearError();
    },
    upload() {
      client.addFiles([{ uri: 'file:///a.csv', name: 'a.csv', type: 'text/csv', size: 1 }]);
    },
    removeFile(index) {
      client.removeFile(nth(client.getSnapshot().files, index)?.id ?? '');
    },
    sendQueued(index) {
      cutShort();
      void client.sendQueuedMessageNow(nth(client.getSnapshot().queuedMessages, index)?.id ?? '');
    },
    removeQueued(index) {
      client.removeQueuedMessage(nth(client.getSnapshot().queuedMessages, index)?.id ?? '');
    },
    answer(index) {
      const isOpen = ({ state, toolCallId }: ToolPart) =>
        state === 'input-available' && called.includes(toolCallId) && !given.has(toolCallId);
      const toolCallId = nth(parts().filter(isOpen), index)?.toolCallId;
      if (toolCallId === undefined) return;
      given.set(toolCallId, toolCallId);
      void client.addToolOutput({ tool: 'look', toolCallId, output: toolCallId });
    },
    decide(index) {
      const call = nth(
        parts().filter(({ state }) => state === 'approval-requested'),
        index,
      );
      if (!call) return;
      given.set(call.toolCallId, index % 2 === 0);
      void client.addToolApprovalResponse({ id: call.approval!.id, approved: index % 2 === 0 });
    },
  };

  async function step() {
    await scheduler.waitNext(1);
    await settle();
    check();
  }

  let isOver = false;
  const passTime = () => {
    if (!isOver)
      scheduler.schedule(Promise.resolve(), 'time passes').then(() => {
        vi.advanceTimersToNextTimer();
        passTime();
      });
  };
  passTime();
  const sequence = scheduler.scheduleSequence(
    moments.map((actions) => ({
      label: actions.map(({ kind, index }) => `${kind} ${index}`).join(' and '),
      builder: async () => actions.forEach(({ kind, index }) => user[kind](index)),
    })),
  );
  while (!sequence.done) await step();

  // Now the network is well and the runs come to their end.
  server.isWell = true;
  if (isAway) unmount = client.mount();
  user.comeOnline(0);
  const end = async () => {
    let steps = 0;
    do {
      await step();
      if ((steps += 1) > 500) throw new Error('it does not come to rest');
    } while (server.pending > 0 || vi.getTimerCount() > 0);
  };
  await end();
  const isWaiting = () => {
    const { status, run } = client.getSnapshot();
    const isAnswerable = parts().some(
      ({ state }) => state === 'input-available' || state === 'approval-requested',
    );
    return status === 'ready' && run?.status === 'requires_action' && isAnswerable;
  };
  for (let round = 0; isWaiting(); round += 1) {
    if (round > 50) throw new Error('what is answered does not reach its run');
    user.answer(0);
    user.decide(0);
    await end();
  }
  server.expire();
  await end();
  const { status, messages, error } = client.getSnapshot();
  expect(['ready', 'error'], 'it ends idle').toContain(status);
  expect(server.runs.filter(isActive)).toEqual([]);

  const sent = new Set(server.posts.map(({ messageId }) => messageId));
  expect(sent.size, 'at most one message for each submit').toBeLessThanOrEqual(requests);
  // What waits its turn goes again by itself when the network is back.
  const once = whenBusy === 'queue' ? sent.size : server.posts.length;
  expect(once, 'at most one request for each submit').toBeLessThanOrEqual(requests);
  const isFirst = (run: Run) => server.runs.find(({ threadId }) => threadId === run.threadId) === run;
  const answered = server.runs
    .filter(({ isPlain }) => isPlain)
    .flatMap((run) => {
      const said = JSON.stringify(run.userMessage.parts);
      // Who went on in another thread has sent it to that one.
      return [`${run.threadId}: ${said}`].concat(isFirst(run) ? `a new thread: ${said}` : []);
    });
  expect(new Set(answered).size, `one answer for each message: ${answered.join()}`).toBe(answered.length);
  expect(new Set(called).size, 'no tool runs twice for one call').toBe(called.length);
  for (const [id, output] of server.answers) expect(output, 'the answer of this call').toBe(given.get(id));
  const ended = finishes
    .filter(({ isError, isAbort }) => !isError && !isAbort)
    // Where a run waits for a tool, only its stream ends.
    .filter(({ message }) => message.metadata?.runStatus !== 'requires_action')
    .map(({ message }) => message.id);
  expect(new Set(ended).size, `one finish for each run: ${ended.join()}`).toBe(ended.length);
  const torn = messages.filter(
    ({ id, content }) =>
      !error &&
      server.runs.some((run) => run.id === id && !run.isForgotten && !cut.has(id) && run.text !== content),
  );
  expect(torn, 'a run that is over stands there whole').toEqual([]);

  unmount();
  unsubscribe();
  isOver = true;
  while (scheduler.count() > 0) await step();
  expect(vi.getTimerCount(), 'no timer is left').toBe(0);
  expect(listeners.size, 'no listener is left').toBe(0);
}

test('In whatever order a user, a network, a server and time act, no token is lost, doubled or misplaced.', async () => {
  const seed = Date.now() % 2 ** 31;
  console.info(`races: seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom('stop', 'queue'),
      moments,
      fc.infiniteStream(fc.nat({ max: 99 })),
      play,
    ),
    { numRuns: 10_000, seed },
  );
}, 600_000);
