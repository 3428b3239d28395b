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
