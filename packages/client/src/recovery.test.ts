import { AssistantError } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import { createFakeRoute, toTextEnd, toTextStart } from './test-support/fake-route.ts';

beforeAll(preload);

const resume = 'GET /threads/thread_1/stream';

/** A page with a network, as far as the client asks for them. */
class Page extends EventTarget {
  hidden = false;
  readonly listeners: string[] = [];

  override addEventListener(...values: Parameters<EventTarget['addEventListener']>): void {
    this.listeners.push(values[0]);
    super.addEventListener(...values);
  }

  override removeEventListener(...values: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners.splice(this.listeners.indexOf(values[0]), 1);
    super.removeEventListener(...values);
  }

  show(isShown: boolean): void {
    this.hidden = !isShown;
    this.dispatchEvent(new Event('visibilitychange'));
  }

  comeOnline(): void {
    this.dispatchEvent(new Event('online'));
  }
}

let page: Page;

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

async function begin() {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, retry: { baseDelay: 1_000, retries: 2 } });
  const unmount = client.mount();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  toTextStart('One').forEach((chunk, index) => stream.sendAs(`run_1:${index}.0`, chunk));
  await pass(200);
  const texts = () => client.getSnapshot().messages.map(({ content }) => content);
  return { route, client, sent, stream, texts, unmount };
}

/** Loses the connection, and every attempt to get it back. */
async function giveUp({ route, client, stream, sent }: Awaited<ReturnType<typeof begin>>) {
  stream.drop();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await pass(10_000);
    (await route.next(resume)).fail();
  }
  await pass(10_000);
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'stream_interrupted' } });
}

test.each([
  ['the network is back', () => page.comeOnline()],
  ['the page is shown again', () => (page.show(false), page.show(true))],
])('An outage longer than all attempts shows its error, and is over by itself when %s.', async (_, come) => {
  const setup = await begin();
  await giveUp(setup);
  const { route, client, texts, unmount } = setup;
  come();
  await pass();
  const call = await route.next(resume);
  expect(call.headers.get('last-event-id')).toBe('run_1:3.0');
  const rest = call.stream();
  rest.sendAs('run_1:4.0', { type: 'text-delta', id: 'run_1:0', delta: ' two' });
  await pass(200);
  expect(client.getSnapshot()).toMatchObject({ status: 'streaming', error: undefined });
  rest.send(...toTextEnd());
  await pass(200);
  expect(texts()).toEqual(['Hello', 'One two']);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  unmount();
  expect(page.listeners).toEqual([]);
});

test('An outage that goes on after the page is shown again shows its error again, and is not forgotten.', async () => {
  const setup = await begin();
  await giveUp(setup);
  const { route, client, texts, unmount } = setup;
  page.show(true);
  await pass();
  for (let attempt = 0; attempt < 3; attempt += 1) {
    (await route.next(resume)).fail();
    await pass(10_000);
  }
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'stream_interrupted' } });
  page.comeOnline();
  await pass();
  (await route.next(resume)).stream().send(...toTextEnd());
  await pass(200);
  expect(texts()).toEqual(['Hello', 'One']);
  expect(client.getSnapshot().status).toBe('ready');
  unmount();
});

test('A run that has ended during the outage is told by the history.', async () => {
  const setup = await begin();
  await giveUp(setup);
  const { route, client, texts, unmount } = setup;
  page.comeOnline();
  await pass();
  (await route.next(resume)).respond(new Response(null, { status: 204 }));
  const answer = { id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'One two' }] };
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [answer],
    run: { id: 'run_1', status: 'completed' },
  });
  await pass(200);
  expect(texts().at(-1)).toBe('One two');
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  unmount();
});

test('Who has gone on meanwhile is not taken back: a new message, another thread, a page that is left.', async () => {
  const goOn: ((client: AssistantClient, unmount: () => void) => void)[] = [
    (client) => void client.sendMessage({ text: 'Again' }),
    (client) => client.setThreadId('thread_2'),
    (_client, unmount) => unmount(),
  ];
  for (const go of goOn) {
    const setup = await begin();
    await giveUp(setup);
    go(setup.client, setup.unmount);
    await pass();
    const calls = setup.route.calls.length;
    page.comeOnline();
    await pass(1_000);
    expect(setup.route.calls).toHaveLength(calls);
    setup.unmount();
  }
  expect(page.listeners).toEqual([]);
});

test('A history that could not be loaded is loaded when the network is back.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, threadId: 'thread_1' });
  const unmount = client.mount();
  await pass();
  (await route.next('GET /threads/thread_1')).fail();
  await pass();
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
  page.comeOnline();
  await pass();
  const messages = [{ id: 'a', role: 'user', parts: [{ type: 'text', text: 'Hello' }] }];
  (await route.next('GET /threads/thread_1')).json({ thread: { id: 'thread_1' }, messages, run: null });
  await pass(200);
  expect(client.getSnapshot()).toMatchObject({ messages, status: 'ready', error: undefined });
  unmount();
});

test('A pause between two attempts ends when the network is back.', async () => {
  const { route, stream, unmount } = await begin();
  stream.drop();
  await pass();
  const calls = route.calls.length;
  page.comeOnline();
  await pass();
  expect(route.calls).toHaveLength(calls + 1);
  unmount();
});

test('A page that was asleep for ten minutes takes its dead connection up at once, a living one stays.', async () => {
  const { route, stream, sent, texts, unmount } = await begin();
  page.show(false);
  // Timers and events of a suspended page do not come; only its clock goes on.
  vi.setSystemTime(Date.now() + 600_000);
  expect(route.calls).toHaveLength(1);
  page.show(true);
  await pass(1_000);
  expect(stream.isCancelled).toBe(true);
  const call = await route.next(resume);
  expect(call.headers.get('last-event-id')).toBe('run_1:3.0');
  const rest = call.stream();
  rest.sendAs('run_1:4.0', { type: 'text-delta', id: 'run_1:0', delta: ' two' });
  await pass(1_000);
  page.show(false);
  page.show(true);
  await pass(1_000);
  expect(route.calls).toHaveLength(2);
  rest.send(...toTextEnd());
  await pass(200);
  await sent;
  expect(texts()).toEqual(['Hello', 'One two']);
  unmount();
});

const lost = () => new AssistantError('network', 'The server could not be reached.', { isRetryable: true });

test('Uploads that were given up for the network go again when it is back, once each; others wait for the user.', async () => {
  // They are sent in the order in which their pauses end, and half of a pause is chance.
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  const uploads: { name: string; finish(): void; fail(error: unknown): void }[] = [];
  const client = new AssistantClient({
    fetch: createFakeRoute().fetch,
    retry: { baseDelay: 1_000, retries: 1 },
    uploadFile: ({ name }) =>
      new Promise((resolve, reject) => {
        const file = { id: name, name, mediaType: 'text/csv', size: 1, url: `/files/${name}` };
        uploads.push({ name, finish: () => resolve(file), fail: reject });
      }),
  });
  const names = () => client.getSnapshot().files.map(({ name, status }) => `${name} ${status}`);
  client.addFiles(['a', 'b', 'c'].map((name) => new File(['x'], name)));
  client.setInput('Look');
  void client.submit();
  await pass();
  uploads[2]!.fail(
    new AssistantError('server_error', 'The disk is full.', { status: 507, isRetryable: false }),
  );
  for (let attempt = 0; attempt < 2; attempt += 1) {
    for (const { fail } of uploads.slice(attempt * 3, attempt * 3 + 2)) fail(lost());
    await pass(2_000);
  }
  uploads.slice(2).forEach(({ fail }) => fail(lost()));
  await pass(2_000);
  expect(names()).toEqual(['a error', 'b error', 'c error']);
  expect(client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'upload_failed' },
    input: 'Look',
  });
  const before = uploads.length;
  page.comeOnline();
  page.show(true);
  page.comeOnline();
  await pass();
  // Their pauses are chance, and so is their order.
  const again = uploads.slice(before).map(({ name }) => name);
  expect(again.toSorted()).toEqual(['a', 'b']);
  // What was said of the message is true no more.
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, input: 'Look' });
  for (const { finish } of uploads.slice(before)) finish();
  await pass();
  expect(names()).toEqual(['a done', 'b done', 'c error']);
  page.comeOnline();
  await pass(2_000);
  expect(uploads).toHaveLength(before + 2);
  expect(page.listeners).toEqual([]);
});

test('An upload that is taken out while it waits for the network leaves no listener.', async () => {
  const client = new AssistantClient({
    fetch: createFakeRoute().fetch,
    retry: { baseDelay: 0, retries: 0 },
    uploadFile: () => Promise.reject(lost()),
  });
  client.addFiles([new File(['x'], 'a')]);
  await pass(100);
  expect(page.listeners).toEqual(['online', 'visibilitychange']);
  client.removeFile(client.getSnapshot().files[0]!.id);
  expect(page.listeners).toEqual([]);
});

const toolOutputs = 'POST /threads/thread_1/tool-outputs';
const toolCall: AssistantChunk[] = [
  { type: 'start', messageId: 'run_1', messageMetadata: { threadId: 'thread_1', runId: 'run_1' } },
  { type: 'tool-input-available', toolCallId: 'call_1', toolName: 'getRoom', input: {} },
];
const pauseForTool: AssistantChunk = {
  type: 'finish',
  finishReason: 'tool-calls',
  messageMetadata: { runStatus: 'requires_action' },
};

/** A run waits for a tool whose output could not be handed in. */
async function answerInVain() {
  const route = createFakeRoute();
  // All attempts are over.
  const client = new AssistantClient({ fetch: route.fetch, retry: { retries: 0 } });
  const unmount = client.mount();
  void client.sendMessage({ text: 'How warm is it?' });
  (await route.next('POST ')).stream().send(...toolCall, pauseForTool);
  await pass(200);
  void client.addToolOutput({ tool: 'getRoom', toolCallId: 'call_1', output: 22 });
  await pass();
  (await route.next(toolOutputs)).fail();
  await pass();
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
  page.comeOnline();
  page.comeOnline();
  await pass();
  const posts = () => route.calls.filter(({ method, path }) => `${method} ${path}` === toolOutputs).length;
  return { route, client, unmount, posts };
}

const call = (state: object) => ({
  id: 'run_1',
  role: 'assistant',
  parts: [{ type: 'tool-getRoom', toolCallId: 'call_1', input: {}, ...state }],
});

test('A tool’s output that could not be handed in goes again when the network is back, once.', async () => {
  const { route, client, unmount, posts } = await answerInVain();
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [call({ state: 'input-available' })],
    run: { id: 'run_1', status: 'requires_action' },
  });
  await pass();
  (await route.next(resume)).stream().send(...toolCall, pauseForTool);
  await pass(200);
  const post = await route.next(toolOutputs);
  expect(post.body).toEqual({ runId: 'run_1', outputs: [{ toolCallId: 'call_1', output: 22 }] });
  post.stream().send(...toTextStart('22 degrees').slice(1), ...toTextEnd());
  await pass(200);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  unmount();
  expect([posts(), page.listeners.length]).toEqual([2, 0]);
});

test('A tool’s output that had arrived all the same is not handed in twice.', async () => {
  const { route, client, unmount, posts } = await answerInVain();
  const output = { state: 'output-available', output: 22 };
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [],
    run: { id: 'run_1', status: 'in_progress' },
  });
  await pass();
  const stream = (await route.next(resume)).stream();
  stream.send(...toolCall, { type: 'tool-output-available', toolCallId: 'call_1', output: 22 });
  stream.send(...toTextStart('22 degrees').slice(1), ...toTextEnd());
  await pass(200);
  expect(client.getSnapshot().messages.at(-1)).toMatchObject({ content: '22 degrees', parts: [output, {}] });
  await pass(1_000);
  expect(posts()).toBe(1);
  unmount();
});

/** A message that waited was sent in vain. */
async function sendQueuedInVain() {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, whenBusy: 'queue' });
  const unmount = client.mount();
  void client.sendMessage({ id: 'one', text: 'One' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('First'));
  await pass(200);
  await client.append({ id: 'two', content: 'Two' });
  await client.append({ id: 'three', content: 'Three' });
  stream.send(...toTextEnd());
  await pass();
  (await route.next('POST ')).fail();
  // Whether only the answer was lost cannot be asked either.
  (await route.next('GET /threads/thread_1')).fail();
  await pass();
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'network' } });
  expect(client.getSnapshot().queuedMessages.map(({ id }) => id)).toEqual(['two', 'three']);
  page.comeOnline();
  page.comeOnline();
  await pass();
  const history = async (ids: string[], run: object) => {
    const messages = ids.map((id) => ({ id, role: 'user', parts: [{ type: 'text', text: id }] }));
    (await route.next('GET /threads/thread_1')).json({ thread: { id: 'thread_1' }, messages, run });
    await pass();
  };
  const posts = () =>
    route.calls
      .filter(({ method, path }) => method === 'POST' && path === '')
      .map(({ body }) => (body as { message: { id: string } }).message.id);
  return { route, client, unmount, history, posts };
}

test('A queued message that could not be sent goes when the network is back, and the next after its answer.', async () => {
  const { route, client, unmount, history, posts } = await sendQueuedInVain();
  await history(['one'], { id: 'run_1', status: 'completed' });
  const post = await route.next('POST ');
  expect(posts()).toEqual(['one', 'two', 'two']);
  expect(client.getSnapshot()).toMatchObject({ status: 'submitted', error: undefined });
  post.stream().send(...toTextStart('Second', { runId: 'run_2' }), ...toTextEnd({ runId: 'run_2' }));
  await pass(200);
  expect(posts()).toEqual(['one', 'two', 'two', 'three']);
  unmount();
});

test('A queued message that had arrived all the same is not sent twice: its answer is followed, and the next goes.', async () => {
  const { route, client, unmount, history, posts } = await sendQueuedInVain();
  await history(['one', 'two'], { id: 'run_2', status: 'in_progress' });
  expect(client.getSnapshot().queuedMessages.map(({ id }) => id)).toEqual(['three']);
  const stream = (await route.next(resume)).stream();
  stream.send(...toTextStart('Second', { runId: 'run_2' }), ...toTextEnd({ runId: 'run_2' }));
  await pass(200);
  expect(posts()).toEqual(['one', 'two', 'three']);
  unmount();
});
