import { expect, onTestFinished, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextEnd, toTextRun, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

const resume = 'GET /threads/thread_1/stream';

function setUp(options: AssistantClientOptions = {}) {
  const route = createFakeRoute();
  const client = new AssistantClient({ fetch: route.fetch, retry: { baseDelay: 0, retries: 3 }, ...options });
  const texts = () => client.getSnapshot().messages.map(({ content }) => content);
  return { route, client, texts };
}

/** Sends a message and streams the begin of its answer, every frame with its id. */
async function begin({ route, client }: ReturnType<typeof setUp>) {
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  toTextStart('One').forEach((chunk, index) => stream.sendAs(`run_1:${index}.0`, chunk));
  await until(client, ({ status }) => status === 'streaming');
  return { sent, stream };
}

test('A connection that is lost is taken up after the event last seen, without a repeat or a gap.', async () => {
  const onFinish = vi.fn();
  const setup = setUp({ onFinish });
  const { route, texts } = setup;
  const { sent, stream } = await begin(setup);
  stream.drop();
  const call = await route.next(resume);
  expect(call.headers.get('last-event-id')).toBe('run_1:3.0');
  const rest = call.stream();
  rest.sendAs('run_1:4.0', { type: 'text-delta', id: 'run_1:0', delta: ' two' });
  rest.send(...toTextEnd());
  await sent;
  expect(texts()).toEqual(['Hello', 'One two']);
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ isDisconnect: false }));
});

test('A stream that just stops counts as a lost connection.', async () => {
  const setup = setUp();
  const { sent, stream } = await begin(setup);
  stream.end();
  (await setup.route.next(resume)).stream().send(...toTextEnd());
  await sent;
  expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
});

test('Without ids the run is replayed from its start, and what is shown stays until it is there again.', async () => {
  const setup = setUp();
  const { route, client, texts } = setup;
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('One'));
  await until(client, ({ status }) => status === 'streaming');
  stream.drop();
  const call = await route.next(resume);
  expect(call.headers.has('last-event-id')).toBe(false);
  const replay = call.stream();
  replay.send(toTextStart('One')[0]!);
  await settle();
  expect(texts()).toEqual(['Hello', 'One']);
  replay.send(...toTextRun('One two').slice(1));
  await sent;
  expect(texts()).toEqual(['Hello', 'One two']);
});

test('Reconnecting is tried again while the server cannot be reached, but not for ever.', async () => {
  const onFinish = vi.fn();
  const setup = setUp({ onFinish });
  const { sent, stream } = await begin(setup);
  stream.drop();
  for (let attempt = 0; attempt < 3; attempt += 1) (await setup.route.next(resume)).fail();
  await sent;
  expect(setup.client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'stream_interrupted' },
    messages: [{}, { content: 'One' }],
  });
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ isDisconnect: true, isError: true }),
  );
});

test('A connection that brings nothing new is given up; one that does starts the count anew.', async () => {
  const setup = setUp();
  const { sent, stream } = await begin(setup);
  stream.drop();
  for (let event = 4; event < 10; event += 1) {
    const next = (await setup.route.next(resume)).stream();
    next.sendAs(`run_1:${event}.0`, { type: 'text-delta', id: 'run_1:0', delta: '.' });
    await settle();
    next.drop();
  }
  for (let attempt = 0; attempt < 3; attempt += 1) (await setup.route.next(resume)).stream().end();
  await sent;
  expect(setup.texts()).toEqual(['Hello', 'One......']);
  expect(setup.client.getSnapshot().error).toMatchObject({ code: 'stream_interrupted' });
});

test('A frame that cannot be read is asked for again.', async () => {
  const setup = setUp();
  const { sent, stream } = await begin(setup);
  stream.write('id: run_1:4.0\ndata: {"type":"text-de\n\n');
  const call = await setup.route.next(resume);
  expect(call.headers.get('last-event-id')).toBe('run_1:3.0');
  call.stream().send({ type: 'text-delta', id: 'run_1:0', delta: ' two' }, ...toTextEnd());
  await sent;
  expect(setup.texts()).toEqual(['Hello', 'One two']);
});

test('A place that the server does not know is forgotten: the run comes once more from its start.', async () => {
  for (const [status, code] of [
    [400, 'bad_request'],
    [404, 'not_found'],
    [410, 'not_found'],
  ] as const) {
    const setup = setUp();
    const { sent, stream } = await begin(setup);
    stream.drop();
    (await setup.route.next(resume)).json({ error: { code, message: 'No such place.' } }, status);
    const again = await setup.route.next(resume);
    expect(again.headers.has('last-event-id')).toBe(false);
    again.stream().send(...toTextRun('One two'));
    await sent;
    expect(setup.texts()).toEqual(['Hello', 'One two']);
    expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  }
});

test('A server that does not want to be resumed at all is believed.', async () => {
  const setup = setUp();
  const { sent, stream } = await begin(setup);
  stream.drop();
  const gone = { error: { code: 'not_found', message: 'No such thread.' } };
  (await setup.route.next(resume)).json(gone, 404);
  (await setup.route.next(resume)).json(gone, 404);
  await sent;
  expect(setup.client.getSnapshot().error).toMatchObject({ code: 'not_found' });
  expect(setup.texts()).toEqual(['Hello', 'One']);
});

test('When the run has ended while the connection was lost, the history tells how.', async () => {
  const setup = setUp();
  const { sent, stream } = await begin(setup);
  stream.drop();
  (await setup.route.next(resume)).respond(new Response(null, { status: 204 }));
  (await setup.route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [
      { id: 'a', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      { id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'One two' }] },
    ],
    run: { id: 'run_1', status: 'completed' },
  });
  await sent;
  expect(setup.texts()).toEqual(['Hello', 'One two']);
  expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', run: { status: 'completed' } });
});

test('A route without threads cannot be resumed, and the loss is an error.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(
    { type: 'start' },
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'One' },
  );
  await until(client, ({ status }) => status === 'streaming');
  stream.drop();
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'stream_interrupted' } });
  expect(route.calls).toHaveLength(1);
});

test('Stop while the connection is lost ends the attempts and cancels the run.', async () => {
  const setup = setUp({ retry: { baseDelay: 60_000, retries: 3 } });
  const { sent, stream } = await begin(setup);
  stream.drop();
  await settle();
  const stopped = setup.client.stop();
  (await setup.route.next('POST /threads/thread_1/cancel')).json({ run: null });
  await Promise.all([stopped, sent]);
  expect(setup.client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
});

test('Opening a thread loads its history and follows the run that is active.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [
      { id: 'a', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
      { id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'On' }] },
    ],
    run: { id: 'run_1', status: 'in_progress' },
  });
  const stream = (await route.next(resume)).stream();
  expect(client.getSnapshot()).toMatchObject({ isLoadingHistory: false, run: { status: 'in_progress' } });
  expect(texts()).toEqual(['Hello', 'On']);
  stream.send(...toTextRun('One'));
  await until(client, ({ run }) => run?.status === 'completed');
  expect(texts()).toEqual(['Hello', 'One']);
  unmount();
});

test('A run that is over is not followed, and resuming it by hand shows nothing.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const run = { id: 'run_1', status: 'completed' };
  (await route.next('GET /threads/thread_1')).json({ thread: { id: 'thread_1' }, messages: [], run });
  await until(client, (state) => state.run !== undefined);
  await settle();
  expect(route.calls).toHaveLength(1);
  const statuses: string[] = [];
  client.subscribe(() => statuses.push(client.getSnapshot().status));
  const resumed = client.resumeStream();
  (await route.next(resume)).respond(new Response(null, { status: 204 }));
  await resumed;
  expect(statuses).not.toContain('submitted');
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
  unmount();
});

test('A run that ends between the history and its resumption is loaded once more, and not for ever.', async () => {
  const { route, client, texts } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const history = (text: string) => ({
    thread: { id: 'thread_1' },
    messages: [{ id: 'run_1', role: 'assistant', parts: [{ type: 'text', text }] }],
    run: { id: 'run_1', status: 'in_progress' },
  });
  (await route.next('GET /threads/thread_1')).json(history('One'));
  (await route.next(resume)).respond(new Response(null, { status: 204 }));
  (await route.next('GET /threads/thread_1')).json(history('One two'));
  await until(client, ({ messages }) => messages[0]?.content === 'One two');
  await settle();
  expect(texts()).toEqual(['One two']);
  expect(route.calls).toHaveLength(3);
  unmount();
});

test('A run that ended while nobody was there is whole once it is resumed by hand, also from a page that is just opening.', async () => {
  const setup = setUp();
  const { route, client, texts } = setup;
  const leave = client.mount();
  const { sent } = await begin(setup);
  leave();
  await sent;
  const resumed = client.resumeStream();
  // It finds that the thread is being looked after, and asks for nothing itself.
  const unmount = client.mount();
  (await route.next(resume)).respond(new Response(null, { status: 204 }));
  (await route.next('GET /threads/thread_1')).json({
    thread: { id: 'thread_1' },
    messages: [{ id: 'run_1', role: 'assistant', parts: [{ type: 'text', text: 'One two' }] }],
    run: { id: 'run_1', status: 'completed' },
  });
  await resumed;
  expect(texts()).toEqual(['One two']);
  unmount();
});

test('A connection that says nothing for three heartbeats is taken for dead; one that only beats is not.', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { route, client, texts } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  toTextStart('One').forEach((chunk, event) => stream.sendAs(`run_1:${event}.0`, chunk));
  for (let beat = 0; beat < 10; beat += 1) {
    await vi.advanceTimersByTimeAsync(15_000);
    stream.write(': keep-alive\n\n');
  }
  expect(route.calls).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(61_000);
  expect(stream.isCancelled).toBe(true);
  const call = await route.next(resume);
  expect(call.headers.get('last-event-id')).toBe('run_1:3.0');
  call.stream().send({ type: 'text-delta', id: 'run_1:0', delta: ' two' }, ...toTextEnd());
  await sent;
  expect(texts()).toEqual(['Hello', 'One two']);
});

test('A silent route without threads is waited for: nothing could be taken up.', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send({ type: 'start' });
  await vi.advanceTimersByTimeAsync(600_000);
  stream.send(
    { type: 'text-start', id: '0' },
    { type: 'text-delta', id: '0', delta: 'One' },
    { type: 'finish' },
  );
  stream.end();
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { content: 'One' }] });
  await vi.advanceTimersByTimeAsync(0);
  expect(vi.getTimerCount()).toBe(0);
});
