import { expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextEnd, toTextRun, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

function setUp(options: AssistantClientOptions = {}, routeOptions = {}) {
  const route = createFakeRoute(routeOptions);
  const client = new AssistantClient({ fetch: route.fetch, retry: { baseDelay: 0 }, ...options });
  const texts = () => client.getSnapshot().messages.map(({ content }) => content);
  return { route, client, texts };
}

function toHistory(id: string, ...texts: string[]) {
  const messages = texts.map((text, index) => ({
    id: `${id}-${index}`,
    role: index % 2 === 0 ? 'user' : 'assistant',
    parts: [{ type: 'text', text }],
  }));
  return { thread: { id, title: null, createdAt: 1 }, messages, run: null };
}

test('Switching the thread in the middle of an answer lets no word of it into the other thread.', async () => {
  const onFinish = vi.fn();
  const { route, client, texts } = setUp({ onFinish }, { ignoresSignal: true });
  const unmount = client.mount();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('One'));
  await until(client, ({ status }) => status === 'streaming');
  client.setThreadId('thread_2');
  expect(client.getSnapshot()).toMatchObject({
    threadId: 'thread_2',
    messages: [],
    status: 'ready',
    run: undefined,
  });
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' two' }, ...toTextEnd());
  (await route.next('GET /threads/thread_2')).json(toHistory('thread_2', 'Other'));
  await sent;
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(texts()).toEqual(['Other']);
  expect(client.getSnapshot()).toMatchObject({ threadId: 'thread_2', status: 'ready' });
  expect(route.calls.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
  expect(onFinish).not.toHaveBeenCalled();
  unmount();
});

test('Switching before the server has named the new thread does not bring that thread back.', async () => {
  const onThreadIdChange = vi.fn();
  const { route, client } = setUp({ onThreadIdChange }, { ignoresSignal: true });
  void client.sendMessage({ text: 'Hello' });
  const post = await route.next('POST ');
  client.setThreadId('thread_2');
  post.stream().send(...toTextRun('One'));
  await settle();
  expect(client.getSnapshot()).toMatchObject({ threadId: 'thread_2', messages: [] });
  expect(onThreadIdChange.mock.calls).toEqual([['thread_2']]);
});

test('The history of a thread that has been left is not shown in the next.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' }, { ignoresSignal: true });
  const unmount = client.mount();
  const late = await route.next('GET /threads/thread_1');
  client.setThreadId('thread_2');
  (await route.next('GET /threads/thread_2')).json(toHistory('thread_2', 'Two'));
  await until(client, ({ messages }) => messages.length > 0);
  late.json(toHistory('thread_1', 'One'));
  await settle();
  expect(texts()).toEqual(['Two']);
  unmount();
});

test('Opening no thread begins a new one, with an empty composer and no error.', async () => {
  const onThreadIdChange = vi.fn();
  const { route, client } = setUp({ threadId: 'thread_1', onThreadIdChange });
  const unmount = client.mount();
  (await route.next('GET /threads/thread_1')).json({ error: { code: 'not_found', message: 'No.' } }, 404);
  await until(client, ({ error }) => error !== undefined);
  client.setInput('draft');
  client.setThreadId(undefined);
  expect(client.getSnapshot()).toMatchObject({
    threadId: undefined,
    error: undefined,
    input: '',
    status: 'ready',
  });
  expect(onThreadIdChange.mock.calls).toEqual([[undefined]]);
  void client.sendMessage({ text: 'Hello' });
  expect((await route.next('POST ')).body).toMatchObject({ threadId: null });
  unmount();
});

test('The app is told of the thread that the server has made, once.', async () => {
  const onThreadIdChange = vi.fn();
  const { route, client } = setUp({ onThreadIdChange });
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).stream().send(...toTextRun('One'));
  await sent;
  expect(onThreadIdChange.mock.calls).toEqual([['thread_1']]);
});

test('Opening the thread that is open does nothing.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('One'));
  await until(client, ({ threadId }) => threadId === 'thread_1');
  client.setThreadId('thread_1');
  stream.send(...toTextEnd());
  await sent;
  expect(client.getSnapshot().messages).toHaveLength(2);
});

test('Mounting twice in one task, as StrictMode does, asks for the history once.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  client.mount()();
  const unmount = client.mount();
  (await route.next('GET /threads/thread_1')).json(toHistory('thread_1', 'One'));
  await until(client, ({ messages }) => messages.length === 1);
  expect(route.calls).toHaveLength(1);
  unmount();
});

test('Two components can share a client; it works until the last has left.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  const [first, second] = [client.mount(), client.mount()];
  const call = await route.next('GET /threads/thread_1');
  await settle();
  first();
  first();
  expect([route.calls.length, call.isAborted]).toEqual([1, false]);
  second();
  expect(call.isAborted).toBe(true);
});

test('Mounted again, the client takes up what it has left.', async () => {
  const { route, client, texts } = setUp();
  const unmount = client.mount();
  void client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).stream().send(...toTextStart('One'));
  await until(client, ({ status }) => status === 'streaming');
  unmount();
  const leave = client.mount();
  (await route.next('GET /threads/thread_1')).json({
    ...toHistory('thread_1', 'Hello'),
    run: { id: 'run_1', status: 'in_progress' },
  });
  (await route.next('GET /threads/thread_1/stream')).stream().send(...toTextRun('One two'));
  await until(client, ({ run }) => run?.status === 'completed');
  expect(texts()).toEqual(['Hello', 'One two']);
  leave();
});

test('A message sent while the history is on its way stands after it.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const history = await route.next('GET /threads/thread_1');
  const sent = client.sendMessage({ text: 'New' });
  (await route.next('POST ')).stream().send(...toTextStart('Answer'));
  await until(client, ({ status }) => status === 'streaming');
  history.json(toHistory('thread_1', 'Old', 'Older'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(texts()).toEqual(['Old', 'Older', 'New', 'Answer']);
  expect(client.getSnapshot().status).toBe('streaming');
  unmount();
  await sent;
});

test('A history that was told before an answer ended does not undo its end.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const late = await route.next('GET /threads/thread_1');
  const sent = client.sendMessage({ text: 'Hello' });
  const [question] = client.getSnapshot().messages;
  (await route.next('POST ')).stream().send(...toTextRun('One two'));
  await sent;
  const half = { id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'One' }] };
  const run = { id: 'run_1', status: 'in_progress' };
  late.json({ ...toHistory('thread_1'), messages: [question, half], run });
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(texts()).toEqual(['Hello', 'One two']);
  unmount();
});

test('A history that came later than what it tells puts nothing out of order.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const late = await route.next('GET /threads/thread_1');
  void client.sendMessage({ text: 'Hello' });
  const [question] = client.getSnapshot().messages;
  const stream = (await route.next('POST ')).stream();
  const half = { id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'One' }] };
  late.json({ ...toHistory('thread_1', 'Earlier'), messages: [question, half] });
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  stream.send(...toTextRun('One two'));
  await until(client, ({ status }) => status === 'ready');
  expect(texts()).toEqual(['Hello', 'One two']);
  unmount();
});

test('A run that a late history tells of is asked for, also when a resume in between has found none.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const late = await route.next('GET /threads/thread_1');
  const resumed = client.resumeStream();
  (await route.next('GET /threads/thread_1/stream')).respond(new Response(null, { status: 204 }));
  await resumed;
  const run = { id: 'run_1', status: 'in_progress' };
  late.json({ ...toHistory('thread_1', 'Hello', 'One'), run });
  (await route.next('GET /threads/thread_1/stream')).respond(new Response(null, { status: 204 }));
  (await route.next('GET /threads/thread_1')).json(toHistory('thread_1', 'Hello', 'One two'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(texts()).toEqual(['Hello', 'One two']);
  unmount();
});

test('Loading the history again keeps the messages that have not changed.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  void client.loadHistory();
  (await route.next('GET /threads/thread_1')).json(toHistory('thread_1', 'One', '1'));
  const before = await until(client, ({ messages }) => messages.length === 2);
  const again = client.loadHistory();
  (await route.next('GET /threads/thread_1')).json(toHistory('thread_1', 'One', 'changed'));
  await again;
  const { messages } = client.getSnapshot();
  expect(messages[0]).toBe(before.messages[0]);
  expect(messages[1]!.content).toBe('changed');
});

test('A history that is none is an error, not a crash.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  const loaded = client.loadHistory();
  (await route.next('GET /threads/thread_1')).json({ messages: [{ id: 1 }], run: null });
  await loaded;
  expect(client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'stream_protocol' },
    messages: [],
  });
});

test('Threads are listed, renamed and deleted; deleting the open one leaves it.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  const listed = client.threads.list({ limit: 2, after: 'thread_0' });
  (await route.next('GET /threads?limit=2&after=thread_0')).json({
    threads: [{ id: 'thread_1' }],
    next: null,
  });
  expect(await listed).toEqual({ threads: [{ id: 'thread_1' }], next: null });

  const renamed = client.threads.rename('thread_1', 'Bills');
  const patch = await route.next('PATCH /threads/thread_1');
  expect(patch.body).toEqual({ title: 'Bills' });
  patch.json({ thread: { id: 'thread_1', title: 'Bills' } });
  expect(await renamed).toEqual({ id: 'thread_1', title: 'Bills' });

  const deleted = client.threads.delete('thread_1');
  (await route.next('DELETE /threads/thread_1')).respond(new Response(null, { status: 204 }));
  await deleted;
  expect(client.getSnapshot().threadId).toBeUndefined();
});

test('An id that would leave the route is refused before it is sent.', async () => {
  const { route, client } = setUp();
  await expect(client.threads.delete('..')).rejects.toMatchObject({ code: 'bad_request' });
  await expect(client.threads.rename('', 'x')).rejects.toMatchObject({ code: 'bad_request' });
  expect(route.calls).toHaveLength(0);
});
