import { expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';

// As when the network went before the page had loaded all of itself.
vi.mock('./later.ts', () => {
  throw new TypeError('Failed to fetch dynamically imported module');
});

test('A first message that cannot be sent says so, also where what would look for its answer cannot be loaded.', async () => {
  const client = new AssistantClient({ fetch: () => Promise.reject(new TypeError('Failed to fetch')) });
  client.setInput('Hello');
  await client.submit();
  await vi.dynamicImportSettled();
  expect(client.getSnapshot()).toMatchObject({ input: 'Hello', messages: [], status: 'error' });
  expect(client.getSnapshot().error?.message).toContain('could not be reached');
});
