import { beforeAll, expect, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextEnd, toTextRun, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

beforeAll(preload);

function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const client = new AssistantClient({
    fetch: route.fetch,
    retry: { baseDelay: 0 },
    whenBusy: 'queue',
    ...options,
  });
  const queued = () => client.getSnapshot().queuedMessages.map(({ content }) => content);
  const posts = () => route.calls.filter(({ method, path }) => method === 'POST' && path === '').length;
  return { route, client, queued, posts };
}

async function begin({ route, client }: ReturnType<typeof setUp>) {
  void client.sendMessage({ text: 'One' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('First'));
  await until(client, ({ status }) => status === 'streaming');
  return stream;
}

test('A message that is sent while an answer is written waits, and is sent when that has ended.', async () => {
  const setup = setUp();
  const { route, client, queued, posts } = setup;
  const stream = await begin(setup);
  client.setInput('Two');
  await client.submit();
  await client.append('Three');
  expect([client.getSnapshot().input, queued(), posts()]).toEqual(['', ['Two', 'Three'], 1]);
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['One', 'First']);
  const { id } = client.getSnapshot().queuedMessages[0]!;
  stream.send(...toTextEnd());
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ threadId: 'thread_1', message: { id, parts: [{ text: 'Two' }] } });
  expect(queued()).toEqual(['Three']);
  post.stream().send(...toTextRun('Second', { runId: 'run_2' }));
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{ text: 'Three' }] } });
  expect(route.calls.some(({ path }) => path.endsWith('/cancel'))).toBe(false);
});

test('A stop and an error keep what waits; it is sent when the user says so, or after the next answer.', async () => {
  const setup = setUp();
  const { route, client, queued, posts } = setup;
  await begin(setup);
  await client.append('Two');
  const stopped = client.stop();
  (await route.next('POST /threads/thread_1/cancel')).json({ run: null });
  await stopped;
  await settle();
  expect([queued(), posts()]).toEqual([['Two'], 1]);
  void client.sendQueuedMessageNow(client.getSnapshot().queuedMessages[0]!.id);
  (await route.next('POST ')).fail();
  await until(client, ({ status }) => status === 'error');
  await settle();
  expect([queued(), posts()]).toEqual([['Two'], 2]);
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['One', 'First']);
});

test('A message that waits can be taken out.', async () => {
  const setup = setUp();
  const { client, queued } = setup;
  await begin(setup);
  await client.append('Two');
  await client.append('Three');
  client.removeQueuedMessage(client.getSnapshot().queuedMessages[0]!.id);
  expect(queued()).toEqual(['Three']);
});

test('What waits in a thread is not in another, is there when that is opened again, and then goes on.', async () => {
  const setup = setUp();
  const { route, client, queued, posts } = setup;
  const unmount = client.mount();
  await begin(setup);
  await client.append('Two');
  client.setThreadId('thread_2');
  await settle();
  expect([queued(), posts()]).toEqual([[], 1]);
  client.setThreadId('thread_1');
  await settle();
  expect([queued(), posts()]).toEqual([['Two'], 1]);
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [{ id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'First' }] }],
    run: { id: 'run_1', status: 'completed' },
  });
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ threadId: 'thread_1', message: { parts: [{ text: 'Two' }] } });
  unmount();
});

test('What waited in a thread without a name is sent into no other, unless the user says so.', async () => {
  const setup = setUp();
  const { route, client, queued, posts } = setup;
  void client.sendMessage({ text: 'One' });
  await route.next('POST ');
  await client.append('Two');
  client.setThreadId('thread_2');
  client.setThreadId(undefined);
  await settle();
  expect(queued()).toEqual(['Two']);
  void client.sendMessage({ text: 'Another' });
  (await route.next('POST ')).stream().send(...toTextRun('Answer', { threadId: 'thread_3' }));
  await until(client, ({ status, threadId }) => status === 'ready' && threadId === 'thread_3');
  await settle();
  expect([queued(), posts()]).toEqual([['Two'], 2]);
  void client.sendQueuedMessageNow(client.getSnapshot().queuedMessages[0]!.id);
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{ text: 'Two' }] } });
});

test('A message whose files do not arrive does not wait: it is back in the composer.', async () => {
  const setup = setUp();
  const { route, client, queued } = setup;
  await begin(setup);
  client.addFiles([new File(['a'], 'a.csv', { type: 'text/csv' })]);
  client.setInput('Plot');
  const sent = client.submit();
  (await route.next('POST /files')).json({ error: { message: 'Too large.' } }, 413);
  await sent;
  expect([queued(), client.getSnapshot().input]).toEqual([[], 'Plot']);
  expect(client.getSnapshot().files).toMatchObject([{ name: 'a.csv', status: 'error' }]);
});

test('A message sent out of turn stops the answer.', async () => {
  const setup = setUp();
  const { route, client } = setup;
  await begin(setup);
  await client.append('Two');
  void client.sendQueuedMessageNow(client.getSnapshot().queuedMessages[0]!.id);
  (await route.next('POST /threads/thread_1/cancel')).json({ run: null });
  expect((await route.next('POST ')).body).toMatchObject({ message: { parts: [{ text: 'Two' }] } });
});

test('A message waits with its files, which leave the composer when they have arrived.', async () => {
  const setup = setUp();
  const { route, client, queued } = setup;
  const stream = await begin(setup);
  client.addFiles([new File(['a'], 'a.csv', { type: 'text/csv' })]);
  client.setInput('Plot');
  const sent = client.submit();
  const file = { id: 'f', name: 'a.csv', mediaType: 'text/csv', size: 1, url: '/files/f' };
  (await route.next('POST /files')).json(file, 201);
  await sent;
  expect([queued(), client.getSnapshot().files]).toEqual([['Plot'], []]);
  stream.send(...toTextEnd());
  expect((await route.next('POST ')).body).toMatchObject({
    message: { parts: [{ text: 'Plot' }, { url: '/files/f' }] },
  });
});

test('A run that waits for a tool is not disturbed by what waits.', async () => {
  const setup = setUp();
  const { client, queued, posts } = setup;
  const stream = await begin(setup);
  await client.append('Two');
  stream.send(
    { type: 'text-end', id: 'run_1:0' },
    { type: 'tool-input-available', toolCallId: 'c', toolName: 'getRoom', input: {} },
    { type: 'finish', messageMetadata: { runStatus: 'requires_action' } },
  );
  await until(client, ({ status }) => status === 'ready');
  await settle();
  expect([queued(), posts()]).toEqual([['Two'], 1]);
});

test('A message that waited and that the server has, although its answer was lost, is not sent again.', async () => {
  const setup = setUp();
  const { route, client, queued, posts } = setup;
  const stream = await begin(setup);
  await client.append('Two');
  const [message] = client.getSnapshot().queuedMessages;
  stream.send(...toTextEnd());
  (await route.next('POST ')).fail();
  const history = await route.next('GET /threads/thread_1');
  expect([client.getSnapshot().status, queued()]).toEqual(['error', ['Two']]);
  const run = { id: 'run_2', status: 'in_progress' };
  history.json({ thread: { id: 'thread_1' }, messages: [message], run });
  (await route.next('GET /threads/thread_1/stream'))
    .stream()
    .send(...toTextRun('Second', { runId: 'run_2' }));
  await until(client, ({ messages, status }) => messages.length === 2 && status === 'ready');
  expect([client.getSnapshot().error, queued(), posts()]).toEqual([undefined, [], 2]);
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['Two', 'Second']);
});
