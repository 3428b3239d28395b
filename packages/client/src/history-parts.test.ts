import { expect, onTestFinished, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { createFakeRoute, toTextEnd, toTextStart } from './test-support/fake-route.ts';
import type { FakeRoute } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

const message = (number: number) => ({
  id: `m${number}`,
  role: number % 2 === 1 ? 'user' : 'assistant',
  parts: [{ type: 'text', text: `Message ${number}` }],
});
/** A part of a history: the messages of these numbers, and the place in front of them. */
const part = (from: number, to: number, previous: unknown = null, run: object | null = null) => ({
  thread: { id: 'thread_1' },
  messages: Array.from({ length: to - from + 1 }, (_, index) => message(from + index)),
  previous,
  run,
});

async function open(route: FakeRoute, history: object, ignoresSignal = false) {
  const client = new AssistantClient({ fetch: route.fetch, threadId: 'thread_1' });
  const unmount = client.mount();
  if (!ignoresSignal) onTestFinished(unmount);
  (await route.next('GET /threads/thread_1')).json(history);
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  return { client, unmount, ids: () => client.getSnapshot().messages.map(({ id }) => id) };
}

test('A long thread comes in parts: each stands in front of what is there, which stays the same.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(5, 6, 'm5.9.run_2'));
  const [first] = client.getSnapshot().messages;
  expect(client.getSnapshot()).toMatchObject({ hasPrevious: true, isLoadingPrevious: false });
  const loading = client.loadPrevious();
  const call = await route.next('GET /threads/thread_1?before=m5.9.run_2');
  expect(client.getSnapshot().isLoadingPrevious).toBe(true);
  // A part that overlaps shows no message twice.
  call.json(part(3, 5, 'm3.4'));
  await loading;
  expect(ids()).toEqual(['m3', 'm4', 'm5', 'm6']);
  expect(client.getSnapshot().messages[2]).toBe(first);
  expect(client.getSnapshot()).toMatchObject({ hasPrevious: true, isLoadingPrevious: false });
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=m3.4')).json(part(1, 2));
  await until(client, ({ hasPrevious }) => !hasPrevious);
  expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  await client.loadPrevious();
  expect(route.calls).toHaveLength(3);
});

test('Asked for twice at once, a part is loaded once.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p'));
  void client.loadPrevious();
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p')).json(part(1, 2));
  await until(client, ({ isLoadingPrevious }) => !isLoadingPrevious);
  expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4']);
  expect(route.calls).toHaveLength(2);
});

test('A part of a thread that was left comes into no other, also when the request does not hear of it.', async () => {
  const route = createFakeRoute({ ignoresSignal: true });
  const { client, ids } = await open(route, part(3, 4, 'p'));
  void client.loadPrevious();
  const call = await route.next('GET /threads/thread_1?before=p');
  client.setThreadId('thread_2');
  expect(client.getSnapshot()).toMatchObject({ hasPrevious: false, isLoadingPrevious: false });
  expect(call.isAborted).toBe(true);
  call.json(part(1, 2));
  await settle();
  expect(ids()).toEqual([]);
  await client.loadPrevious();
  expect(route.calls.filter(({ path }) => path.includes('before'))).toHaveLength(1);
});

test('Unmounting ends the request for a part.', async () => {
  const route = createFakeRoute();
  const { client, unmount } = await open(route, part(3, 4, 'p'), true);
  void client.loadPrevious();
  const call = await route.next('GET /threads/thread_1?before=p');
  unmount();
  expect(call.isAborted).toBe(true);
  expect(client.getSnapshot()).toMatchObject({ error: undefined, isLoadingPrevious: false });
});

test('A part that cannot be loaded says so, and can be asked for again.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p'));
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p')).fail();
  const failed = await until(client, ({ error }) => error !== undefined);
  expect(failed).toMatchObject({ error: { code: 'network' }, hasPrevious: true, isLoadingPrevious: false });
  expect(ids()).toEqual(['m3', 'm4']);
  void client.loadPrevious();
  const call = await route.next('GET /threads/thread_1?before=p');
  expect(client.getSnapshot()).toMatchObject({ error: undefined, status: 'ready' });
  call.json(part(1, 2));
  await until(client, ({ hasPrevious }) => !hasPrevious);
  expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4']);
});

test('A part comes in while an answer is written, and the answer goes on behind it.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p'));
  void client.sendMessage({ id: 'm5', text: 'Go on' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('Hel', { runId: 'm6' }));
  await until(client, ({ messages }) => messages.at(-1)?.content === 'Hel');
  void client.loadPrevious();
  const call = await route.next('GET /threads/thread_1?before=p');
  stream.send({ type: 'text-delta', id: 'm6:0', delta: 'lo' });
  call.json(part(1, 2));
  const { status } = await until(client, ({ hasPrevious }) => !hasPrevious);
  expect(status).toBe('streaming');
  stream.send(...toTextEnd({ runId: 'm6' }));
  const { messages } = await until(client, (state) => state.status === 'ready');
  expect(ids()).toEqual(['m1', 'm2', 'm3', 'm4', 'm5', 'm6']);
  expect(messages.at(-1)!.content).toBe('Hello');
});

test('When the history is loaded anew, earlier parts stay as they are, and the next goes on from them.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p3'));
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p3')).json(part(2, 2, 'p2'));
  await until(client, ({ messages }) => messages.length === 3);
  const before = client.getSnapshot().messages;
  void client.loadHistory();
  // By now two more messages have been said elsewhere, and the newest part begins later.
  (await route.next('GET /threads/thread_1')).json(part(4, 6, 'p4'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(ids()).toEqual(['m2', 'm3', 'm4', 'm5', 'm6']);
  expect(client.getSnapshot().messages.slice(0, 3)).toEqual(before);
  expect(
    client
      .getSnapshot()
      .messages.slice(0, 3)
      .every((one, index) => one === before[index]),
  ).toBe(true);
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p2')).json(part(1, 1));
  await until(client, ({ hasPrevious }) => !hasPrevious);
  expect(ids()[0]).toBe('m1');
});

test('Where so much was said elsewhere that a gap would be left, the newest part stands alone.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p3'));
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p3')).json(part(1, 2));
  await until(client, ({ hasPrevious }) => !hasPrevious);
  void client.loadHistory();
  (await route.next('GET /threads/thread_1')).json(part(9, 10, 'p9'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(ids()).toEqual(['m9', 'm10']);
  expect(client.getSnapshot().hasPrevious).toBe(true);
});

test('A part that no longer joins what is on the page is let go.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p3'));
  void client.loadPrevious();
  const late = await route.next('GET /threads/thread_1?before=p3');
  void client.loadHistory();
  (await route.next('GET /threads/thread_1')).json(part(9, 10, 'p9'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  late.json(part(1, 2));
  await until(client, ({ isLoadingPrevious }) => !isLoadingPrevious);
  expect(ids()).toEqual(['m9', 'm10']);
  void client.loadPrevious();
  await route.next('GET /threads/thread_1?before=p9');
});

test('A message that is sent while the history comes anew stands behind it, and no earlier one with it.', async () => {
  const route = createFakeRoute();
  const { client, ids } = await open(route, part(3, 4, 'p3'));
  void client.loadPrevious();
  (await route.next('GET /threads/thread_1?before=p3')).json(part(1, 2));
  await until(client, ({ hasPrevious }) => !hasPrevious);
  void client.loadHistory();
  const call = await route.next('GET /threads/thread_1');
  void client.sendMessage({ id: 'new', text: 'Wait' });
  await route.next('POST ');
  call.json(part(9, 10, 'p9'));
  await until(client, ({ isLoadingHistory }) => !isLoadingHistory);
  expect(ids()).toEqual(['m9', 'm10', 'new']);
});

test('A place that is no text is no answer of an assistant route.', async () => {
  const route = createFakeRoute();
  const { client } = await open(route, part(1, 2, { toString: 'p' }));
  expect(client.getSnapshot().error).toMatchObject({ code: 'stream_protocol' });
});
