import { beforeAll, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import { createFakeRoute, toTextRun } from './test-support/fake-route.ts';
import { until } from './test-support/until.ts';

const dom = [
  'window',
  'document',
  'navigator',
  'XMLHttpRequest',
  'FileList',
  'FileReader',
  'requestAnimationFrame',
  'cancelAnimationFrame',
  'sessionStorage',
  'localStorage',
  'crypto',
  'location',
];

/** React Native has none of these, and there a file is an object with an address. */
beforeAll(async () => {
  for (const name of dom) vi.stubGlobal(name, undefined);
  await preload();
});

test('Without a DOM, a picked file goes out and an answer comes in.', async () => {
  for (const name of dom) expect((globalThis as Record<string, unknown>)[name]).toBeUndefined();
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, retry: { baseDelay: 0 } });
  const leave = client.mount();
  client.addFiles([{ uri: 'file:///a.csv', name: 'a.csv', type: 'text/csv', size: 3 }]);
  client.setInput('Plot');
  const sent = client.submit();
  const file = { id: 'f', name: 'a.csv', mediaType: 'text/csv', size: 3, url: '/files/f' };
  (await route.next('POST /files')).json(file, 201);
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ message: { parts: [{ text: 'Plot' }, { url: '/files/f' }] } });
  post.stream().send(...toTextRun('Here'));
  await sent;
  const { messages } = await until(client, ({ status }) => status === 'ready');
  expect(messages.map(({ content }) => content)).toEqual(['Plot', 'Here']);
  leave();
});
