import type { AssistantChunk } from '@use-assistant/protocol';
import { expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextEnd, toTextRun, toTextStart } from './test-support/fake-route.ts';
import type { FakeRoute } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

const handIn = 'POST /threads/thread_1/tool-outputs';

function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  return {
    route,
    client: new AssistantClient({
      fetch: route.fetch,
      retry: { baseDelay: 0 },
      storage: createStorage(),
      ...options,
    }),
  };
}

const call = (toolCallId: string, toolName = 'getRoom'): AssistantChunk[] => [
  { type: 'tool-input-available', toolCallId, toolName, input: { room: 'kitchen' } },
];

const pause: AssistantChunk[] = [
  {
    type: 'data-status',
    data: { threadId: 'thread_1', runId: 'run_1', status: 'requires_action' },
    transient: true,
  },
  { type: 'finish', finishReason: 'tool-calls', messageMetadata: { runStatus: 'requires_action' } },
];

/** Sends a message whose run pauses for these calls. */
async function begin({ route, client }: ReturnType<typeof setUp>, ...chunks: AssistantChunk[]) {
  const sent = client.sendMessage({ text: 'How warm is it?' });
  (await route.next('POST ')).stream().send(...toTextStart('Let me see.').slice(0, 2), ...chunks, ...pause);
  await sent;
}

const rest = [...toTextStart('22 degrees'), ...toTextEnd()];

test('What onToolCall returns is handed in, and the answer goes on in the same message.', async () => {
  const onToolCall = vi.fn(() => ({ temperature: 22 }));
  const setup = setUp({ onToolCall });
  await begin(setup, ...call('call_1'));
  const post = await setup.route.next(handIn);
  expect(onToolCall).toHaveBeenCalledExactlyOnceWith({
    toolCall: { toolCallId: 'call_1', toolName: 'getRoom', input: { room: 'kitchen' } },
  });
  expect(post.body).toEqual({
    runId: 'run_1',
    outputs: [{ toolCallId: 'call_1', output: { temperature: 22 } }],
  });
  expect(setup.client.getSnapshot().status).toBe('submitted');
  post.stream().send(...rest);
  await vi.waitFor(() => expect(setup.client.getSnapshot().status).toBe('ready'));
  const { messages } = setup.client.getSnapshot();
  expect(messages).toHaveLength(2);
  expect(messages[1]!.parts).toMatchObject([
    { type: 'tool-getRoom', state: 'output-available', output: { temperature: 22 } },
    { type: 'text', text: '22 degrees' },
  ]);
});

test('Several outputs are handed in together, once the last is there.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'), ...call('call_2'));
  expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', run: { status: 'requires_action' } });
  void setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_2', output: 2 });
  await settle();
  expect(setup.route.calls).toHaveLength(1);
  void setup.client.addToolOutput({
    tool: 'getRoom',
    toolCallId: 'call_1',
    state: 'output-error',
    errorText: 'Broken',
  });
  const { body } = await setup.route.next(handIn);
  expect(body).toEqual({
    runId: 'run_1',
    outputs: [
      { toolCallId: 'call_2', output: 2 },
      { toolCallId: 'call_1', output: { error: 'Broken' } },
    ],
  });
});

test('What onToolCall throws is the output that the model reads.', async () => {
  const setup = setUp({ onToolCall: () => Promise.reject(new Error('No sensor')) });
  await begin(setup, ...call('call_1'));
  expect((await setup.route.next(handIn)).body).toMatchObject({
    outputs: [{ output: { error: 'No sensor' } }],
  });
});

test('Tools that the server has run are left alone.', async () => {
  const onToolCall = vi.fn();
  const setup = setUp({ onToolCall });
  await begin(setup, {
    type: 'tool-input-available',
    toolCallId: 'call_1',
    toolName: 'code_interpreter',
    input: { code: '1' },
    providerExecuted: true,
  });
  expect(onToolCall).not.toHaveBeenCalled();
});

test('A replay that brings a call again does not run its tool again.', async () => {
  const onToolCall = vi.fn(() => new Promise(() => {}));
  const setup = setUp({ onToolCall });
  await begin(setup, ...call('call_1'));
  const resumed = setup.client.resumeStream();
  (await setup.route.next('GET /threads/thread_1/stream'))
    .stream()
    .send(...toTextStart('').slice(0, 1), ...call('call_1'), ...pause);
  await resumed;
  expect(onToolCall).toHaveBeenCalledTimes(1);
});

test('Outputs that could not be handed in are handed in with the next attempt.', async () => {
  const setup = setUp({ retry: { retries: 0 } });
  await begin(setup, ...call('call_1'));
  const added = setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  (await setup.route.next(handIn)).fail();
  await added;
  expect(setup.client.getSnapshot().error).toMatchObject({ code: 'network' });
  void setup.client.sendMessage();
  expect((await setup.route.next(handIn)).body).toMatchObject({
    outputs: [{ toolCallId: 'call_1', output: 22 }],
  });
});

test('What an output’s request is to add goes along.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'));
  const options = { headers: { 'x-trace': '1' }, body: { extra: true } };
  void setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 1, options });
  const post = await setup.route.next(handIn);
  expect([post.headers.get('x-trace'), post.body]).toMatchObject(['1', { extra: true, runId: 'run_1' }]);
});

test('An approval is handed in with its reason, and shown in the message.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'), {
    type: 'tool-approval-request',
    approvalId: 'ok_1',
    toolCallId: 'call_1',
  });
  expect(setup.client.getSnapshot().messages[1]!.parts[0]).toMatchObject({ state: 'approval-requested' });
  void setup.client.addToolApprovalResponse({ id: 'ok_1', approved: false, reason: 'Too hot' });
  const { body } = await setup.route.next(handIn);
  expect(body).toMatchObject({ outputs: [{ toolCallId: 'call_1', approved: false, reason: 'Too hot' }] });
  expect(setup.client.getSnapshot().messages[1]!.parts[0]).toMatchObject({ state: 'approval-responded' });
});

test('The tool of a thread that has been left hands nothing into the next.', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const setup = setUp({ onToolCall: () => promise });
  await begin(setup, ...call('call_1'));
  setup.client.setThreadId('thread_2');
  resolve(22);
  await settle();
  expect(setup.route.calls).toHaveLength(1);
});

test('Stop ends a run that waits for a tool.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'));
  void setup.client.stop();
  (await setup.route.next('POST /threads/thread_1/cancel')).json({
    run: { id: 'run_1', status: 'cancelled' },
  });
  await vi.waitFor(() => expect(setup.client.getSnapshot().run).toMatchObject({ status: 'cancelled' }));
});

/** Opens the thread whose run waits: its history, then the run from its start. */
async function open({ route }: { route: FakeRoute }, ...chunks: AssistantChunk[]) {
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [],
    run: { id: 'run_1', status: 'requires_action' },
  });
  (await route.next('GET /threads/thread_1/stream'))
    .stream()
    .send(...toTextStart('').slice(0, 2), ...chunks, ...pause);
}

function createStorage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

test('What was answered before a reload is not asked again, and goes with the rest.', async () => {
  const storage = createStorage();
  const first = setUp({ storage, onToolCall: () => undefined });
  const approval: AssistantChunk = {
    type: 'tool-approval-request',
    approvalId: 'ok_3',
    toolCallId: 'call_3',
  };
  const calls = [...call('call_1'), ...call('call_2'), ...call('call_3'), approval];
  await begin(first, ...calls);
  void first.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 1 });
  void first.client.addToolApprovalResponse({ id: 'ok_3', approved: true });
  await settle();
  // A reload runs no handler of ours: the page is just gone.
  const onToolCall = vi.fn(() => 2);
  const second = setUp({ storage, threadId: 'thread_1', onToolCall });
  const unmount = second.client.mount();
  await open(second, ...calls);
  const post = await second.route.next(handIn);
  expect(onToolCall).toHaveBeenCalledExactlyOnceWith({
    toolCall: expect.objectContaining({ toolCallId: 'call_2' }),
  });
  expect(post.body).toEqual({
    runId: 'run_1',
    outputs: [
      { toolCallId: 'call_1', output: 1 },
      { toolCallId: 'call_3', approved: true },
      { toolCallId: 'call_2', output: 2 },
    ],
  });
  post.stream().send(...rest);
  await vi.waitFor(() => expect(second.client.getSnapshot().status).toBe('ready'));
  expect(storage.items.size).toBe(0);
  unmount();
});

test('What a tool answers in a thread that was left is handed in when that is opened again.', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const onToolCall = vi.fn(() => promise);
  const setup = setUp({ onToolCall });
  const unmount = setup.client.mount();
  await begin(setup, ...call('call_1'));
  setup.client.setThreadId('thread_2');
  resolve(22);
  await settle();
  expect(setup.route.calls.some(({ path }) => path.endsWith('/tool-outputs'))).toBe(false);
  setup.client.setThreadId('thread_1');
  await open(setup, ...call('call_1'));
  expect((await setup.route.next(handIn)).body).toMatchObject({
    outputs: [{ toolCallId: 'call_1', output: 22 }],
  });
  expect(onToolCall).toHaveBeenCalledTimes(1);
  unmount();
});

test('Nonsense in the storage answers no tool.', async () => {
  const storage = createStorage();
  for (const text of [
    '{',
    '7',
    '[null,{"id":"call_1"}]',
    '[{"id":"call_1","threadId":"thread_1","output":{},"chunk":{"type":"text-delta"}}]',
  ]) {
    storage.items.set('use-assistant::answers', text);
    const onToolCall = vi.fn(() => 22);
    const setup = setUp({ storage, onToolCall });
    await begin(setup, ...call('call_1'));
    expect((await setup.route.next(handIn)).body).toMatchObject({ outputs: [{ output: 22 }] });
    expect(onToolCall).toHaveBeenCalledTimes(1);
  }
});

test('A message that is sent while a tool is waited for stops that run first.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'));
  const sent = setup.client.sendMessage({ text: 'Never mind' });
  const cancel = await setup.route.next('POST /threads/thread_1/cancel');
  expect(setup.route.calls.filter(({ path }) => path === '')).toHaveLength(1);
  cancel.json({ run: { id: 'run_1', status: 'cancelled' } });
  (await setup.route.next('POST ')).stream().send(...toTextRun('Fine', { runId: 'run_2' }));
  await sent;
  expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', run: { id: 'run_2' } });
});

test('A message that is queued while a tool is waited for is sent when the run has ended.', async () => {
  const setup = setUp({ whenBusy: 'queue' });
  await begin(setup, ...call('call_1'));
  await setup.client.append('And then?');
  expect(setup.client.getSnapshot().queuedMessages).toMatchObject([{ content: 'And then?' }]);
  void setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  (await setup.route.next(handIn)).stream().send(...rest);
  expect((await setup.route.next('POST ')).body).toMatchObject({
    message: { parts: [{ text: 'And then?' }] },
  });
});

test('An answer that cannot be asked for again stays, and so does what its tool has given meanwhile.', async () => {
  const { promise, resolve } = Promise.withResolvers<number>();
  const setup = setUp({ onToolCall: () => promise });
  await begin(setup, ...call('call_1'));
  const { messages } = setup.client.getSnapshot();
  const asked = setup.client.regenerate();
  (await setup.route.next('POST /threads/thread_1/cancel')).fail();
  const post = await setup.route.next('POST ');
  expect(setup.client.getSnapshot().messages).toHaveLength(1);
  resolve(22);
  await settle();
  post.json({ error: { code: 'thread_busy', message: 'Busy.' } }, 409);
  await asked;
  expect(setup.client.getSnapshot().messages).toEqual(messages);
  void setup.client.resumeStream();
  const stream = (await setup.route.next('GET /threads/thread_1/stream')).stream();
  stream.send(...toTextStart('Let me see.').slice(0, 2), ...call('call_1'), ...pause);
  expect((await setup.route.next(handIn)).body).toMatchObject({ outputs: [{ output: 22 }] });
});

test('What the server has got, although its answer was lost, is not handed in again.', async () => {
  const setup = setUp({ retry: { retries: 0 } });
  await begin(setup, ...call('call_1'));
  const answered = setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  (await setup.route.next(handIn)).fail();
  await answered;
  void setup.client.resumeStream();
  const stream = (await setup.route.next('GET /threads/thread_1/stream')).stream();
  stream.send(...toTextStart('Let me see.').slice(0, 2), ...call('call_1'));
  stream.send(
    { type: 'tool-output-available', toolCallId: 'call_1', output: 22 },
    ...call('call_2'),
    ...pause,
  );
  await until(setup.client, ({ messages }) => messages.at(-1)!.parts.length === 2);
  await until(setup.client, ({ status }) => status === 'ready');
  void setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_2', output: 23 });
  expect((await setup.route.next(handIn)).body).toMatchObject({
    outputs: [{ toolCallId: 'call_2', output: 23 }],
  });
  expect(setup.route.calls.filter(({ path }) => path.endsWith('/tool-outputs'))).toHaveLength(2);
});

test('What a tool answers while its run is being stopped is not handed in.', async () => {
  const setup = setUp();
  await begin(setup, ...call('call_1'));
  const stopped = setup.client.stop();
  const cancel = await setup.route.next('POST /threads/thread_1/cancel');
  await setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  cancel.json({ run: { id: 'run_1', status: 'cancelled' } });
  await stopped;
  await setup.client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  expect(setup.route.calls.some(({ path }) => path.endsWith('/tool-outputs'))).toBe(false);
});

test('A message that was stopped on its way and stands after the call keeps no tool from running.', async () => {
  const onToolCall = vi.fn(() => 22);
  const setup = setUp({ threadId: 'thread_1', onToolCall });
  setup.client.setMessages([
    { id: 'run_1', role: 'assistant', parts: [] },
    { id: 'two', role: 'user', content: 'Never sent' },
  ]);
  void setup.client.resumeStream();
  const stream = (await setup.route.next('GET /threads/thread_1/stream')).stream();
  stream.send(...toTextStart('Let me see.').slice(0, 2), ...call('call_1'), ...pause);
  expect((await setup.route.next(handIn)).body).toMatchObject({
    outputs: [{ toolCallId: 'call_1', output: 22 }],
  });
});
