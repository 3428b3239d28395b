import type { AssistantChunk } from '@use-assistant/protocol';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import { createFakeRoute, toTextEnd, toTextStart } from './test-support/fake-route.ts';

beforeAll(preload);
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const handIn = 'POST /threads/thread_1/tool-outputs';
const resume = 'GET /threads/thread_1/stream';
const call: AssistantChunk[] = [
  { type: 'start', messageId: 'run_1', messageMetadata: { threadId: 'thread_1', runId: 'run_1' } },
  { type: 'tool-input-available', toolCallId: 'call_1', toolName: 'getRoom', input: {} },
  { type: 'tool-approval-request', toolCallId: 'call_1', approvalId: 'approval_1' },
];
const pause: AssistantChunk = {
  type: 'finish',
  finishReason: 'tool-calls',
  messageMetadata: { runStatus: 'requires_action' },
};
const rest = [...toTextStart('22 degrees').slice(2), ...toTextEnd()];
const down = { error: { code: 'server_error', message: 'Come back later.' } };

const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);

/** A run asks whether it may, is allowed to, and the server fails to take that. */
async function allowInVain() {
  const route = createFakeRoute();
  const shown: string[] = [];
  const errors: string[] = [];
  const client = new AssistantClient({
    fetch: route.fetch,
    retry: { baseDelay: 1_000, retries: 2 },
    onError: ({ message }) => errors.push(message),
  });
  const unmount = client.mount();
  client.subscribe(() => {
    const part = client.getSnapshot().messages.at(-1)?.parts[0];
    if (part && 'state' in part && part.state !== shown.at(-1)) shown.push(String(part.state));
  });
  void client.sendMessage({ text: 'How warm is it?' });
  (await route.next('POST ')).stream().send(...call, pause);
  await pass(200);
  void client.addToolApprovalResponse({ id: 'approval_1', approved: true });
  await pass();
  (await route.next(handIn)).json(down, 503);
  await pass();
  const posts = () => route.calls.filter(({ method, path }) => `${method} ${path}` === handIn).length;
  return { route, client, unmount, posts, shown, errors };
}

test('A tool’s answer that the server fails to take goes again after a pause, and the user is asked nothing twice.', async () => {
  const { route, client, unmount, posts, shown, errors } = await allowInVain();
  expect(client.getSnapshot()).toMatchObject({ status: 'submitted', error: undefined });
  await pass(1_000);
  // What the server has of it is looked at first.
  expect(posts()).toBe(1);
  (await route.next(resume)).stream().send(...call, pause);
  await pass(200);
  const post = await route.next(handIn);
  expect(post.body).toEqual({ runId: 'run_1', outputs: [{ toolCallId: 'call_1', approved: true }] });
  post.stream().send({ type: 'tool-output-available', toolCallId: 'call_1', output: 22 }, ...rest);
  await pass(200);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  expect(shown.filter((state) => state === 'approval-requested')).toHaveLength(1);
  expect([posts(), errors]).toEqual([2, []]);
  unmount();
  // The frame in which that is told.
  await pass(50);
  expect(vi.getTimerCount()).toBe(0);
});

test('A tool’s answer that was taken, though the server said otherwise, is not handed in twice.', async () => {
  const { route, client, unmount, posts } = await allowInVain();
  await pass(1_000);
  (await route.next(resume))
    .stream()
    .send(...call, { type: 'tool-output-available', toolCallId: 'call_1', output: 22 }, ...rest);
  await pass(20_000);
  expect(client.getSnapshot().messages.at(-1)).toMatchObject({ content: '22 degrees' });
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  expect(posts()).toBe(1);
  unmount();
});

test('Where no run can be told once more, the history says whether a tool’s answer is still waited for.', async () => {
  const { route, client, unmount, posts } = await allowInVain();
  await pass(1_000);
  (await route.next(resume)).respond(new Response(null, { status: 204 }));
  await pass();
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: client.getSnapshot().messages,
    run: { id: 'run_1', status: 'requires_action' },
  });
  await pass();
  const post = await route.next(handIn);
  expect(post.body).toEqual({ runId: 'run_1', outputs: [{ toolCallId: 'call_1', approved: true }] });
  post.stream().send({ type: 'tool-output-available', toolCallId: 'call_1', output: 22 }, ...rest);
  await pass(200);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  expect(posts()).toBe(2);
  unmount();
});

test('A server that never takes a tool’s answer is asked as often as the app says, then its error stands there.', async () => {
  const { route, client, unmount, posts, errors } = await allowInVain();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await pass(2_000);
    (await route.next(resume)).stream().send(...call, pause);
    await pass(200);
    (await route.next(handIn)).json(down, 503);
    await pass();
  }
  await pass(60_000);
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { message: 'Come back later.' } });
  expect([posts(), errors]).toEqual([3, ['Come back later.']]);
  // The answer is kept for whoever asks again.
  void client.sendMessage();
  await pass();
  expect(posts()).toBe(4);
  unmount();
});

test('A refusal of a tool’s answer is told at once.', async () => {
  const { route, client, unmount } = await allowInVain();
  await pass(1_000);
  (await route.next(resume)).stream().send(...call, pause);
  await pass(200);
  (await route.next(handIn)).json({ error: { code: 'bad_request', message: 'No.' } }, 400);
  await pass(20_000);
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { message: 'No.' } });
  unmount();
});

test.each<[string, (client: AssistantClient, unmount: () => void) => void]>([
  ['the thread is left', (client) => client.setThreadId('thread_2')],
  ['the page is left', (_client, unmount) => unmount()],
  ['the run is stopped', (client) => void client.stop()],
])('When %s, no tool’s answer goes again.', async (_, go) => {
  const { client, unmount, posts, route } = await allowInVain();
  go(client, unmount);
  await pass(60_000);
  expect(posts()).toBe(1);
  expect(route.calls.filter(({ path }) => path.endsWith('/stream'))).toEqual([]);
  unmount();
});

test('A stop while a tool’s answer waits to go again ends the run at once.', async () => {
  const { client, route, unmount } = await allowInVain();
  void client.stop();
  await pass();
  (await route.next('POST /threads/thread_1/cancel')).json({ run: { id: 'run_1', status: 'cancelled' } });
  await pass();
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', run: { status: 'cancelled' } });
  unmount();
  // The frame in which that is told.
  await pass(50);
  expect(vi.getTimerCount()).toBe(0);
});
