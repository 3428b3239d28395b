import { AssistantError } from '@use-assistant/protocol';
import { beforeAll, expect, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { AssistantClientOptions } from './options.ts';
import type { ChatMessage } from './state.ts';
import { createFakeRoute, toTextRun, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

beforeAll(preload);

const said = ['Hello', 'Hi', 'More', 'There'].map((text, index) => ({
  id: `message_${index}`,
  role: index % 2 === 0 ? 'user' : 'assistant',
  parts: [{ type: 'text', text }],
})) as ChatMessage[];

function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, ...options });
  const contents = () => client.getSnapshot().messages.map(({ content }) => content);
  const posts = () => route.calls.filter(({ method, path }) => method === 'POST' && path === '');
  const sent = () => posts().map(({ body }) => (body as { message: ChatMessage }).message.id);
  return { route, client, contents, sent };
}

const refusal = { error: { code: 'rate_limited', message: 'Not now.' } };

test('A refused edit leaves the page as it was, and its words in the input.', async () => {
  const { route, client, contents } = setUp({ threadId: 'thread_1', messages: said });
  const sent = client.sendMessage({ text: 'Hello there', messageId: 'message_0' });
  const post = await route.next('POST ');
  expect(contents()).toEqual(['Hello there']);
  post.json(refusal, 429);
  await sent;
  expect(contents()).toEqual(['Hello', 'Hi', 'More', 'There']);
  expect(client.getSnapshot()).toMatchObject({ input: 'Hello there', error: { code: 'rate_limited' } });
});

test('A refused edit does not write over what the user has begun to write.', async () => {
  const { route, client, contents } = setUp({ threadId: 'thread_1', messages: said });
  client.setInput('Something else');
  const sent = client.sendMessage({ text: 'More or less', messageId: 'message_2' });
  (await route.next('POST ')).json(refusal, 429);
  await sent;
  expect(contents()).toEqual(['Hello', 'Hi', 'More', 'There']);
  expect(client.getSnapshot().input).toBe('Something else');
});

test('An edit that is overtaken before it has left cuts nothing off: what overtakes it stands after the rest.', async () => {
  const { route, client, contents } = setUp({ threadId: 'thread_1', messages: said });
  void client.sendMessage({ text: 'More or less', messageId: 'message_2' });
  expect(contents()).toEqual(['Hello', 'Hi', 'More or less']);
  void client.sendMessage({ text: 'Bye' });
  await settle();
  expect(contents()).toEqual(['Hello', 'Hi', 'More', 'There', 'Bye']);
  expect(route.calls).toHaveLength(1);
});

test('An edit of which only the answer was lost stands as the history tells it.', async () => {
  const { route, client, contents } = setUp({ threadId: 'thread_1', messages: said });
  void client.sendMessage({ text: 'Hello there', messageId: 'message_0' });
  const post = await route.next('POST ');
  const { message } = post.body as { message: ChatMessage };
  post.fail();
  const history = await route.next('GET /threads/thread_1');
  expect(contents()).toEqual(['Hello', 'Hi', 'More', 'There']);
  history.json({ thread: { id: 'thread_1' }, messages: [message], run: null });
  await until(client, ({ messages }) => messages.length === 1);
  expect(contents()).toEqual(['Hello there']);
  expect(client.getSnapshot()).toMatchObject({ input: '', error: undefined });
});

test('The first message of a thread whose answer was lost is the same message when it is sent again.', async () => {
  const { route, client, contents, sent } = setUp();
  client.setInput('Hello');
  void client.submit();
  (await route.next('POST ')).fail();
  await until(client, ({ input }) => input === 'Hello');
  void client.submit();
  (await route.next('POST ')).stream().drop();
  await until(client, ({ input, status }) => input === 'Hello' && status === 'error');
  void client.submit();
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextRun('Hi'));
  await until(client, ({ status }) => status === 'ready');
  expect(contents()).toEqual(['Hello', 'Hi']);
  expect(new Set(sent()).size).toBe(1);
  // What was answered is over: the same words are another message.
  client.setInput('Hello');
  void client.submit();
  await route.next('POST ');
  expect(sent()).toHaveLength(4);
  expect(new Set(sent()).size).toBe(2);
});

test('What the user changes before it is sent again is another message; changed back, it is the same.', async () => {
  const { route, client, sent } = setUp();
  client.setInput('Hello');
  void client.submit();
  (await route.next('POST ')).fail();
  await until(client, ({ input }) => input === 'Hello');
  client.setInput('Hello there');
  client.setInput('Hello');
  void client.submit();
  (await route.next('POST ')).fail();
  await until(client, ({ input }) => input === 'Hello');
  client.setInput('Hello there');
  void client.submit();
  await route.next('POST ');
  const ids = sent();
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('A message with other files is another message, one whose further file could not be uploaded is the same.', async () => {
  let isDown = false;
  const { route, client, sent } = setUp({
    retry: { retries: 0 },
    uploadFile: async ({ name }) => {
      if (isDown) throw new AssistantError('server_error', 'No.', { status: 500, isRetryable: false });
      return { id: name, name, mediaType: 'text/csv', size: 1, url: `/files/${name}` };
    },
  });
  const fail = async () => {
    (await route.next('POST ')).fail();
    await until(client, ({ input }) => input === 'Look');
  };
  client.addFiles([new File(['x'], 'a')]);
  client.setInput('Look');
  void client.submit();
  await fail();
  isDown = true;
  client.addFiles([new File(['x'], 'b')]);
  await client.submit();
  expect(client.getSnapshot()).toMatchObject({ input: 'Look', files: [{ name: 'a' }, { name: 'b' }] });
  client.removeFile(client.getSnapshot().files[1]!.id);
  void client.submit();
  await fail();
  client.removeFile(client.getSnapshot().files[0]!.id);
  void client.submit();
  await route.next('POST ');
  const ids = sent();
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('The same words in another thread are another message.', async () => {
  const { route, client, sent } = setUp();
  client.setInput('Hello');
  void client.submit();
  (await route.next('POST ')).fail();
  await until(client, ({ input }) => input === 'Hello');
  client.setThreadId('thread_2');
  client.setThreadId(undefined);
  client.setInput('Hello');
  void client.submit();
  await route.next('POST ');
  expect(new Set(sent()).size).toBe(2);
});

test('What a reload has brought back into the input is the same message when it is sent.', async () => {
  const items = new Map<string, string>();
  const storage = {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
  const before = setUp({ id: 'chat', storage });
  before.client.setInput('Hello');
  void before.client.submit();
  await before.route.next('POST ');
  const after = setUp({ id: 'chat', storage });
  const leave = after.client.mount();
  await until(after.client, ({ input }) => input === 'Hello');
  void after.client.submit();
  await after.route.next('POST ');
  expect(after.sent()).toEqual(before.sent());
  leave();
});

test('A message that is found in the thread after all is not the one that its words are sent as next.', async () => {
  const { route, client, contents, sent } = setUp({ threadId: 'thread_1' });
  client.setInput('Hello');
  void client.submit();
  const post = await route.next('POST ');
  post.fail();
  const { message } = post.body as { message: ChatMessage };
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [message],
    run: null,
  });
  await until(client, ({ messages }) => messages.length === 1);
  client.setInput('Hello');
  void client.submit();
  (await route.next('POST ')).stream().send(...toTextStart('Hi'));
  await until(client, ({ status }) => status === 'streaming');
  expect(contents()).toEqual(['Hello', 'Hello', 'Hi']);
  expect(new Set(sent()).size).toBe(2);
  client.setThreadId(undefined);
});

test('Files that the route finds too many come back uploaded: those that are left go without a second upload.', async () => {
  const uploaded: string[] = [];
  const { route, client } = setUp({
    uploadFile: async ({ name }) => {
      uploaded.push(name);
      return { id: name, name, mediaType: 'text/csv', size: 1, url: `/files/${name}` };
    },
  });
  client.addFiles(Array.from({ length: 11 }, (_, index) => new File(['x'], `${index}.csv`)));
  client.setInput('Look');
  const sent = client.submit();
  const refused = { error: { code: 'too_many_files', message: 'A message takes 10 files.' } };
  (await route.next('POST ')).json(refused, 400);
  await sent;
  const { files, input, error } = client.getSnapshot();
  expect(error?.message).toBe('A message takes 10 files.');
  expect([input, files.map(({ status }) => status)]).toEqual(['Look', Array.from(files, () => 'done')]);
  client.removeFile(files[10]!.id);
  void client.submit();
  const { body } = await route.next('POST ');
  expect((body as { message: ChatMessage }).message.parts).toHaveLength(11);
  expect(uploaded).toHaveLength(11);
});
