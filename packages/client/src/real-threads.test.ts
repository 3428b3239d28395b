/// <reference types="node" />
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChat } from '../../server/src/test-support/chat.ts';
import type { Chat } from '../../server/src/test-support/chat.ts';
import { AssistantClient } from './assistant-client.ts';
import { ThreadList } from './thread-list.ts';
import { until } from './test-support/until.ts';

let chat: Chat;
beforeAll(() => {
  chat = startChat({ turns: [() => 'Answer.'] });
});
afterAll(() => chat.close());

/** A page before the real route. */
function openPage(threadId?: string, handler = chat.handler) {
  const fetch = async (input: unknown, init: RequestInit = {}) => {
    const headers = new Headers(init.headers);
    headers.set('x-user', 'alice');
    const method = (init.method ?? 'GET') as 'GET' | 'POST' | 'PATCH' | 'DELETE';
    return handler[method](new Request(`http://chat.test${String(input)}`, { ...init, headers }));
  };
  return new AssistantClient({ fetch: fetch as typeof globalThis.fetch, threadId });
}

test('Threads of the real route are listed page by page, renamed, opened and deleted.', async () => {
  const client = openPage();
  const ids: string[] = [];
  for (const text of ['one', 'two', 'three']) {
    client.setThreadId(undefined);
    await client.sendMessage({ text });
    ids.unshift(client.getSnapshot().threadId!);
  }
  const first = await client.threads.list({ limit: 2 });
  const rest = await client.threads.list({ limit: 2, after: first.next! });
  expect([first.threads, rest.threads].map((threads) => threads.length)).toEqual([2, 1]);
  expect([...first.threads, ...rest.threads].map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
  expect(rest.next ?? null).toBeNull();

  expect(await client.threads.rename(ids[0]!, 'Third')).toMatchObject({ id: ids[0], title: 'Third' });
  const other = openPage(ids[2]);
  const unmount = other.mount();
  await until(other, ({ messages }) => messages.length === 2);
  expect(other.getSnapshot()).toMatchObject({
    messages: [{ content: 'one' }, { content: 'Answer.' }],
    run: { status: 'completed' },
  });
  await other.threads.delete(ids[2]!);
  expect(other.getSnapshot()).toMatchObject({ threadId: undefined, messages: [] });
  const left = await client.threads.list();
  expect(left.threads.map(({ id }) => id)).not.toContain(ids[2]);
  await expect(client.threads.rename(ids[2]!, 'Gone')).rejects.toMatchObject({ code: 'not_found' });
  unmount();
});

test('A first message whose answer is lost and that is sent again has one thread and one answer.', async () => {
  const own = startChat({ turns: [() => 'Once.', () => 'Twice.'] });
  let isLosing = true;
  const { POST } = own.handler;
  const losing = async (request: Request) => {
    const response = await POST(request);
    if (!isLosing) return response;
    isLosing = false;
    await response.body?.cancel();
    throw new TypeError('fetch failed');
  };
  const client = openPage(undefined, { ...own.handler, POST: losing });
  client.setInput('Hello');
  await client.submit();
  expect(client.getSnapshot()).toMatchObject({ input: 'Hello', error: { code: 'network' }, messages: [] });
  await client.submit();
  expect(client.getSnapshot()).toMatchObject({ input: '', error: undefined });
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['Hello', 'Once.']);
  expect((await client.threads.list()).threads).toHaveLength(1);
  await own.close();
});

test('Where the server keeps no list of threads, the list says that it cannot, and the chat goes on.', async () => {
  const { openai } = chat;
  // OpenAI's own API never listed threads; such a path is not there.
  const unlisted = Object.assign(Object.create(openai) as typeof openai, {
    get: (path: string, options: object) => openai.get(path === '/threads' ? '/nothing' : path, options),
  });
  const other = startChat({ turns: [], openai: unlisted });
  const client = openPage(undefined, other.handler);
  const list = new ThreadList(client.threads);
  await list.load();
  expect(list.getSnapshot()).toMatchObject({ threads: [], isLoading: false });
  expect(list.getSnapshot().error).toMatchObject({
    code: 'not_supported',
    status: 501,
    message: 'This server keeps no list of threads.',
  });
  await expect(client.threads.list()).rejects.toMatchObject({ code: 'not_supported' });
  await client.sendMessage({ text: 'Hello' });
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  expect(client.getSnapshot().messages.at(-1)).toMatchObject({ content: 'Answer.' });
  await other.close();
});
