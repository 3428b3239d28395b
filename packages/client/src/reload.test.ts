import { beforeAll, expect, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

beforeAll(preload);

function createStorage() {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

/** A page over a storage that outlives it. */
function openPage(storage: ReturnType<typeof createStorage>, options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const client = new AssistantClient({ id: 'chat', fetch: route.fetch, storage, ...options });
  return { route, client, leave: client.mount() };
}

test('A message that the server may not have when the page is reloaded is back in the input.', async () => {
  const storage = createStorage();
  const first = openPage(storage);
  first.client.setInput('Hello');
  void first.client.submit();
  // A reload runs no handler of ours: the page is just gone.
  const second = openPage(storage);
  await settle();
  expect(second.client.getSnapshot()).toMatchObject({ input: 'Hello', messages: [] });
  expect(storage.items.size).toBe(0);
  second.leave();
});

test('Once the server has begun to answer, nothing is kept.', async () => {
  const storage = createStorage();
  const { client, route, leave } = openPage(storage);
  void client.sendMessage({ text: 'Hello' });
  const post = await route.next('POST ');
  expect(storage.items.size).toBe(1);
  post.stream().send(...toTextStart('One'));
  await until(client, ({ status }) => status === 'streaming');
  expect(storage.items.size).toBe(0);
  leave();
});

test('A refused message is not kept: it is in the input already.', async () => {
  const storage = createStorage();
  const { client, route, leave } = openPage(storage);
  client.setInput('Hello');
  const sent = client.submit();
  (await route.next('POST ')).fail();
  await sent;
  expect([client.getSnapshot().input, storage.items.size]).toEqual(['Hello', 0]);
  leave();
});

test('What was written for one thread does not come back in another, nor over a draft.', async () => {
  const storage = createStorage();
  const first = openPage(storage, { threadId: 'thread_1' });
  void first.client.sendMessage({ text: 'Hello' });
  await first.route.next('POST ');
  const second = openPage(storage);
  await settle();
  expect(second.client.getSnapshot().input).toBe('');
  second.leave();
});

test('A message that the server had before the reload does not come back into the input.', async () => {
  const storage = createStorage();
  const first = openPage(storage, { threadId: 'thread_1' });
  void first.client.sendMessage({ text: 'Hello' });
  const { body } = await first.route.next('POST ');
  const second = openPage(storage, { threadId: 'thread_1' });
  const history = await second.route.next('GET /threads/thread_1');
  await settle();
  expect(second.client.getSnapshot().input).toBe('Hello');
  const { message } = body as { message: unknown };
  history.json({ thread: { id: 'thread_1' }, messages: [message], run: null });
  await until(second.client, ({ messages }) => messages.length === 1);
  expect(second.client.getSnapshot().input).toBe('');
  second.leave();
});

test('A page that is left and shown again before the request has gone has its message in the input.', async () => {
  const storage = createStorage();
  const { client, leave } = openPage(storage);
  client.setInput('Hello');
  void client.submit();
  leave();
  const again = client.mount();
  await settle();
  expect(client.getSnapshot().input).toBe('Hello');
  again();
});

test('Without a storage, with a full one, and with nonsense in it, everything else goes its way.', async () => {
  const storage = createStorage();
  storage.items.set('use-assistant:chat', '{"message":[');
  const first = openPage(storage);
  await settle();
  expect(first.client.getSnapshot()).toMatchObject({ input: '', error: undefined });
  first.leave();
  const full = {
    ...createStorage(),
    setItem() {
      throw new Error('QuotaExceededError');
    },
  };
  const second = openPage(full);
  void second.client.sendMessage({ text: 'Hello' });
  await second.route.next('POST ');
  second.leave();
});
