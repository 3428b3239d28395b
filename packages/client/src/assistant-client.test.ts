import { expect, test } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { createFakeRoute, toTextEnd, toTextStart } from './test-support/fake-route.ts';

/** Settles when the client's state is as wished. */
function until(
  client: AssistantClient,
  isTrue: (state: ReturnType<AssistantClient['getSnapshot']>) => boolean,
) {
  return new Promise<void>((resolve) => {
    const check = () => {
      if (!isTrue(client.getSnapshot())) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = client.subscribe(check);
    check();
  });
}

test('A message is sent, its answer is streamed, and the thread is learned.', async () => {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch });
  const sent = client.sendMessage({ text: 'Hello' });
  expect(client.getSnapshot()).toMatchObject({
    status: 'submitted',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  const call = await route.next('POST ');
  const [message] = client.getSnapshot().messages;
  expect(call.body).toEqual({
    threadId: null,
    message: { id: message!.id, role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    trigger: 'submit-message',
  });
  const stream = call.stream();
  stream.send(...toTextStart('Good'));
  await until(client, ({ status }) => status === 'streaming');
  expect(client.getSnapshot()).toMatchObject({
    threadId: 'thread_1',
    run: { id: 'run_1', status: 'in_progress' },
  });
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' day' }, ...toTextEnd());
  await sent;
  expect(client.getSnapshot()).toMatchObject({
    status: 'ready',
    error: undefined,
    run: { status: 'completed' },
    messages: [{ content: 'Hello' }, { id: 'run_1', role: 'assistant', content: 'Good day' }],
  });
});
