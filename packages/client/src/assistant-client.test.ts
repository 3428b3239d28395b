import { expect, test, vi } from 'vitest';
import { AssistantClient } from './assistant-client.ts';
import type { AssistantClientOptions } from './options.ts';
import { createFakeRoute, toTextEnd, toTextRun, toTextStart } from './test-support/fake-route.ts';
import { settle, until } from './test-support/until.ts';

declare const process: Record<'on' | 'off', (event: string, listener: (reason: unknown) => void) => void>;

function setUp(options: AssistantClientOptions = {}, routeOptions = {}) {
  const route = createFakeRoute(routeOptions);
  const client = new AssistantClient({
    fetch: route.fetch,
    retry: { baseDelay: 0, retries: 3 },
    ...options,
  });
  const posts = () => route.calls.filter(({ method, path }) => method === 'POST' && path === '');
  const cancels = () => route.calls.filter(({ path }) => path.endsWith('/cancel'));
  return { route, client, posts, cancels };
}

/** What a server says that has taken the cancel. */
const cancelled = { run: { id: 'run_1', status: 'cancelling' } };

test('A message is sent with the id the client gave it, and the answer is streamed.', async () => {
  const { route, client } = setUp({ body: { extra: 1 }, headers: { 'x-app': 'yes' } });
  const sent = client.sendMessage({ text: 'Hello' });
  expect(client.getSnapshot()).toMatchObject({
    status: 'submitted',
    messages: [{ role: 'user', content: 'Hello' }],
  });
  const call = await route.next('POST ');
  const { id } = client.getSnapshot().messages[0]!;
  expect(call.headers.get('x-app')).toBe('yes');
  expect(call.body).toEqual({
    extra: 1,
    threadId: null,
    message: { id, role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    trigger: 'submit-message',
  });
  const stream = call.stream();
  stream.send(...toTextStart('Good'));
  const streaming = await until(client, ({ status }) => status === 'streaming');
  expect(streaming).toMatchObject({ threadId: 'thread_1', run: { id: 'run_1', status: 'in_progress' } });
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' day' }, ...toTextEnd());
  await sent;
  expect(client.getSnapshot()).toMatchObject({
    status: 'ready',
    error: undefined,
    run: { status: 'completed' },
    messages: [
      { id, content: 'Hello' },
      { id: 'run_1', role: 'assistant', content: 'Good day' },
    ],
  });
});

test('The status is streaming at the first visible chunk, not before.', async () => {
  const { route, client } = setUp();
  void client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  const [start, status, textStart, delta] = toTextStart('Good');
  stream.send(start!, status!, textStart!);
  await until(client, ({ run }) => run !== undefined);
  await settle();
  expect(client.getSnapshot()).toMatchObject({ status: 'submitted', messages: [{ role: 'user' }] });
  stream.send(delta!);
  await until(client, (state) => state.status === 'streaming');
  expect(client.getSnapshot().messages).toHaveLength(2);
});

test('The second message goes into the thread that the first has made.', async () => {
  const { route, client } = setUp();
  const first = client.sendMessage({ text: 'One' });
  (await route.next('POST ')).stream().send(...toTextRun('1'));
  await first;
  void client.sendMessage({ text: 'Two' });
  expect((await route.next('POST ')).body).toMatchObject({
    threadId: 'thread_1',
    message: { parts: [{ text: 'Two' }] },
  });
});

test('Messages that have not changed keep their identity while an answer streams.', async () => {
  const { route, client } = setUp();
  const first = client.sendMessage({ text: 'One' });
  (await route.next('POST ')).stream().send(...toTextRun('1'));
  await first;
  const before = client.getSnapshot().messages;
  void client.sendMessage({ text: 'Two' });
  (await route.next('POST ')).stream().send(...toTextStart('2', { runId: 'run_2' }));
  const { messages } = await until(client, ({ status }) => status === 'streaming');
  expect(messages[0]).toBe(before[0]);
  expect(messages[1]).toBe(before[1]);
  expect(messages).not.toBe(before);
});

test('A thousand deltas in one frame are one notification, and the last state is told at once.', async () => {
  const frames: (() => void)[] = [];
  const { route, client } = setUp({
    scheduler: { schedule: (task) => (frames.push(task), () => frames.splice(frames.indexOf(task), 1)) },
  });
  const listener = vi.fn();
  client.subscribe(listener);
  const sent = client.sendMessage({ text: 'Count' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart(''));
  await settle();
  listener.mockClear();
  for (let count = 0; count < 1_000; count += 1) {
    stream.send({ type: 'text-delta', id: 'run_1:0', delta: `${count} ` });
  }
  await settle();
  expect(listener).not.toHaveBeenCalled();
  expect(frames).toHaveLength(1);
  frames[0]!();
  expect(listener).toHaveBeenCalledTimes(1);
  expect(client.getSnapshot().messages[1]!.content).toMatch(/ 998 999 $/);
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: 'end' }, ...toTextEnd());
  await sent;
  expect(listener).toHaveBeenCalledTimes(2);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready' });
  expect(client.getSnapshot().messages[1]!.content).toMatch(/ 999 end$/);
  expect(frames).toHaveLength(0);
});

test('A refusal of the server is an error with its code and sentence, and the message stays.', async () => {
  const onError = vi.fn();
  const { route, client } = setUp({ onError });
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).json({ error: { code: 'thread_busy', message: 'A run is active.' } }, 409);
  await sent;
  const { status, error, messages } = client.getSnapshot();
  expect(error).toMatchObject({ code: 'thread_busy', status: 409, message: 'A run is active.' });
  expect({ status, count: messages.length }).toEqual({ status: 'error', count: 1 });
  expect(onError).toHaveBeenCalledExactlyOnceWith(error);
  client.clearError();
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', error: undefined });
});

test('A page of HTML in place of an answer never reaches the screen.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const headers = { 'content-type': 'text/html' };
  (await route.next('POST ')).respond(new Response('<h1>nginx at 10.0.0.7</h1>', { status: 502, headers }));
  await sent;
  expect(client.getSnapshot().error).toMatchObject({ status: 502, message: 'The server could not answer.' });
});

test('A request that does not get through is a network error, and is not sent again.', async () => {
  const { route, client, posts } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).fail();
  await sent;
  expect(client.getSnapshot().error).toMatchObject({ code: 'network' });
  expect(posts()).toHaveLength(1);
});

test('A route that speaks the v4 wire is told from one that says nothing.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const v4 = '5:{"threadId":"thread_1","messageId":"msg_1"}\n0:"Hi"\n';
  (await route.next('POST ')).respond(new Response(v4, { headers: { 'content-type': 'text/plain' } }));
  await sent;
  expect(client.getSnapshot().error).toMatchObject({ code: 'stream_protocol' });
  expect(client.getSnapshot().error!.message).toContain('v4');
});

test('A run that fails ends in an error that keeps what was said and names the reason.', async () => {
  const onFinish = vi.fn();
  const { route, client } = setUp({ onFinish });
  const sent = client.sendMessage({ text: 'Hello' });
  const failure = { type: 'error', errorText: 'The model is not there.', code: 'run_failed' } as const;
  (await route.next('POST ')).stream().send(...toTextStart('Well'), failure);
  await sent;
  expect(client.getSnapshot()).toMatchObject({
    status: 'error',
    error: { code: 'run_failed', message: 'The model is not there.' },
    run: { status: 'failed', lastError: { code: 'run_failed' } },
    messages: [{}, { content: 'Well' }],
  });
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ isError: true, isAbort: false }),
  );
});

test('The next message clears the error.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'One' });
  (await route.next('POST ')).json({}, 500);
  await sent;
  expect(client.getSnapshot().error).toBeDefined();
  void client.sendMessage({ text: 'Two' });
  expect(client.getSnapshot()).toMatchObject({ status: 'submitted', error: undefined });
});

test('Stop keeps what was written, is ready at once, and cancels the run on the server.', async () => {
  const onFinish = vi.fn();
  const { route, client } = setUp({ onFinish });
  void client.sendMessage({ text: 'Hello' });
  const post = await route.next('POST ');
  post.stream().send(...toTextStart('Once upon'));
  await until(client, ({ status }) => status === 'streaming');
  const stopped = client.stop();
  expect(client.getSnapshot()).toMatchObject({
    status: 'ready',
    error: undefined,
    messages: [{}, { content: 'Once upon' }],
  });
  (await route.next('POST /threads/thread_1/cancel')).json(cancelled);
  await stopped;
  expect(post.isAborted).toBe(true);
  expect(client.getSnapshot().run).toMatchObject({ id: 'run_1', status: 'cancelled' });
  expect(onFinish).toHaveBeenCalledExactlyOnceWith(
    expect.objectContaining({ isAbort: true, isError: false }),
  );
});

test('Stop before the thread has a name waits for the name, then cancels; the page does not wait.', async () => {
  const { route, client } = setUp();
  void client.sendMessage({ text: 'Hello' });
  const post = await route.next('POST ');
  const stopped = client.stop();
  expect(client.getSnapshot()).toMatchObject({ status: 'ready' });
  expect(post.isAborted).toBe(false);
  post.stream().send(...toTextStart('Too late'));
  (await route.next('POST /threads/thread_1/cancel')).json(cancelled);
  await stopped;
  expect(post.isAborted).toBe(true);
  expect(client.getSnapshot()).toMatchObject({
    status: 'ready',
    threadId: 'thread_1',
    messages: [{ role: 'user' }],
  });
});

test('Stop works with a fetch that ignores its signal.', async () => {
  const { route, client } = setUp({}, { ignoresSignal: true });
  void client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('Once'));
  await until(client, ({ status }) => status === 'streaming');
  void client.stop();
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' more' });
  (await route.next('POST /threads/thread_1/cancel')).json(cancelled);
  await settle();
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { content: 'Once' }] });
  expect(stream.isCancelled).toBe(true);
});

test('A message sent into a running answer stops it, waits for the cancel, and is the one that is answered.', async () => {
  const onFinish = vi.fn();
  const { route, client, posts } = setUp({ onFinish });
  void client.sendMessage({ text: 'One' });
  (await route.next('POST ')).stream().send(...toTextStart('First'));
  await until(client, ({ status }) => status === 'streaming');
  const second = client.sendMessage({ text: 'Two' });
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['One', 'First', 'Two']);
  const cancel = await route.next('POST /threads/thread_1/cancel');
  await settle();
  expect(posts()).toHaveLength(1);
  cancel.json(cancelled);
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ threadId: 'thread_1' });
  post.stream().send(...toTextRun('Second', { runId: 'run_2' }));
  await second;
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual([
    'One',
    'First',
    'Two',
    'Second',
  ]);
  expect(onFinish.mock.calls.map(([event]) => event.isAbort)).toEqual([true, false]);
});

test('Two messages sent at once into a new chat end in one thread.', async () => {
  const { route, client, posts } = setUp();
  void client.sendMessage({ text: 'One' });
  const first = await route.next('POST ');
  const second = client.sendMessage({ text: 'Two' });
  await settle();
  expect(posts()).toHaveLength(1);
  first.stream().send(...toTextStart('1'));
  (await route.next('POST /threads/thread_1/cancel')).json(cancelled);
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ threadId: 'thread_1', message: { parts: [{ text: 'Two' }] } });
  post.stream().send(...toTextRun('2', { runId: 'run_2' }));
  await second;
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['One', 'Two', '2']);
});

test('A submit empties the input at once, so that a second one sends nothing.', async () => {
  const { client, posts, route } = setUp();
  client.setInput('Hello');
  void client.submit();
  void client.submit();
  expect(client.getSnapshot()).toMatchObject({ input: '', messages: [{ content: 'Hello' }] });
  await route.next('POST ');
  await settle();
  expect(posts()).toHaveLength(1);
});

test('An input of blanks is not sent.', async () => {
  const { client, posts } = setUp();
  client.setInput('  \n');
  await client.submit();
  expect(posts()).toHaveLength(0);
  expect(client.getSnapshot().status).toBe('ready');
});

test('A submitted message that the server has not taken goes back into the input.', async () => {
  const { route, client } = setUp();
  client.setInput('Hello');
  const sent = client.submit();
  (await route.next('POST ')).fail();
  await sent;
  expect(client.getSnapshot()).toMatchObject({ input: 'Hello', messages: [], status: 'error' });
});

test('What was written meanwhile is not overwritten by what comes back.', async () => {
  const { route, client } = setUp();
  client.setInput('Hello');
  const sent = client.submit();
  client.setInput('Next');
  (await route.next('POST ')).fail();
  await sent;
  expect(client.getSnapshot().input).toBe('Next');
});

test('Regenerate drops the answer and asks again with the message before it.', async () => {
  const { route, client } = setUp();
  const first = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).stream().send(...toTextRun('One'));
  await first;
  const again = client.regenerate();
  expect(client.getSnapshot()).toMatchObject({ status: 'submitted', messages: [{ content: 'Hello' }] });
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({
    threadId: 'thread_1',
    trigger: 'regenerate-message',
    messageId: 'run_1',
    message: { parts: [{ text: 'Hello' }] },
  });
  post.stream().send(...toTextRun('Two', { runId: 'run_2' }));
  await again;
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['Hello', 'Two']);
});

test('A message sent in the place of an earlier one drops what followed that.', async () => {
  const { route, client } = setUp({
    threadId: 'thread_1',
    messages: [
      { id: 'a', role: 'user', content: 'One' },
      { id: 'b', role: 'assistant', content: '1' },
      { id: 'c', role: 'user', content: 'Two' },
    ],
  });
  void client.sendMessage({ text: 'Better', messageId: 'a' });
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['Better']);
  expect((await route.next('POST ')).body).toMatchObject({ messageId: 'a', threadId: 'thread_1' });
});

test('A message can be added without an answer.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  const added = client.append('Note this', { run: false });
  const post = await route.next('POST ');
  expect(post.body).toMatchObject({ trigger: 'append-message', message: { parts: [{ text: 'Note this' }] } });
  post.respond(new Response(null, { status: 204 }));
  await added;
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', messages: [{ content: 'Note this' }] });
});

test('Append takes the messages of older code: role and content.', async () => {
  const { route, client } = setUp();
  void client.append({ id: 'mine', role: 'user', content: 'Hello' });
  expect((await route.next('POST ')).body).toMatchObject({
    message: { id: 'mine', parts: [{ type: 'text', text: 'Hello' }] },
  });
});

test('Messages set by hand get their content, and those that stand keep their identity.', () => {
  const { client } = setUp();
  client.setMessages([{ id: 'a', role: 'user', parts: [{ type: 'text', text: 'Hi' }] }]);
  const [first] = client.getSnapshot().messages;
  client.setMessages((messages) => [...messages, { id: 'b', role: 'assistant', content: 'Yes' }]);
  expect(client.getSnapshot().messages[0]).toBe(first);
  expect(client.getSnapshot().messages[1]).toMatchObject({
    content: 'Yes',
    parts: [{ type: 'text', text: 'Yes' }],
  });
  const changed = { ...first!, parts: [{ type: 'text' as const, text: 'Changed' }] };
  client.setMessages([changed]);
  expect(client.getSnapshot().messages[0]!.content).toBe('Changed');
});

test('A list that is cleared while an answer streams stays clear.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('One'));
  await until(client, ({ status }) => status === 'streaming');
  client.setMessages([]);
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' two' }, ...toTextEnd());
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', messages: [] });
});

test('Data is collected over the answers, and every data chunk is told of, transient ones too.', async () => {
  const onData = vi.fn();
  const onStatus = vi.fn();
  const { route, client } = setUp({ onData, onStatus });
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST '))
    .stream()
    .send(
      ...toTextStart('x'),
      { type: 'data-value', id: 'v1', data: { a: 1 } },
      { type: 'data-value', id: 'v2', data: 2 },
      ...toTextEnd(),
    );
  await sent;
  expect(client.getSnapshot().data).toEqual([{ a: 1 }, 2]);
  expect(onData.mock.calls.map(([chunk]) => chunk.type)).toEqual(['data-status', 'data-value', 'data-value']);
  expect(onStatus).toHaveBeenCalledExactlyOnceWith({
    threadId: 'thread_1',
    runId: 'run_1',
    status: 'in_progress',
  });
});

test('The steps of the run are its tool calls, and keep their identity while text streams.', async () => {
  const { route, client } = setUp();
  void client.sendMessage({ text: 'Plot' });
  const stream = (await route.next('POST ')).stream();
  stream.send(
    ...toTextStart('Let me see.'),
    {
      type: 'tool-input-start',
      toolCallId: 'call_1',
      toolName: 'code_interpreter',
      providerExecuted: true,
      inputEncoding: 'text',
    },
    { type: 'tool-input-delta', toolCallId: 'call_1', inputTextDelta: 'print(1)' },
  );
  const { run } = await until(client, (state) => state.run?.steps.length === 1);
  expect(run!.steps[0]).toMatchObject({
    type: 'tool-code_interpreter',
    state: 'input-streaming',
    rawInput: 'print(1)',
  });
  stream.send({ type: 'text-delta', id: 'run_1:0', delta: ' Now.' });
  const next = await until(client, ({ messages }) => messages[1]!.content.endsWith('Now.'));
  expect(next.run!.steps).toBe(run!.steps);
});

test('A callback that throws harms no stream.', async () => {
  const rejections: unknown[] = [];
  const collect = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', collect);
  const { route, client } = setUp({
    onStatus() {
      throw new Error('mine');
    },
  });
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).stream().send(...toTextRun('Good'));
  await sent;
  await settle();
  process.off('unhandledRejection', collect);
  expect(client.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { content: 'Good' }] });
  expect(rejections).toMatchObject([{ message: 'mine' }]);
});

test('A chunk that breaks the order of the stream ends it with an error, and the connection with it.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  const stream = (await route.next('POST ')).stream();
  stream.send(...toTextStart('Good'), { type: 'text-delta', id: 'never-opened', delta: '!' });
  await sent;
  await settle();
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'stream_protocol' } });
  expect(stream.isCancelled).toBe(true);
});

test('Unmounting aborts every request and timer, and cancels nothing on the server.', async () => {
  const { route, client, cancels } = setUp({ threadId: 'thread_1' });
  const unmount = client.mount();
  const history = await route.next('GET /threads/thread_1');
  void client.sendMessage({ text: 'Hello' });
  const post = await route.next('POST ');
  unmount();
  await settle();
  expect([history.isAborted, post.isAborted]).toEqual([true, true]);
  expect(cancels()).toHaveLength(0);
  expect(client.getSnapshot().status).toBe('ready');
});

test('A response without a body that streams is an error, not an empty answer.', async () => {
  const { route, client } = setUp();
  const sent = client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).respond(new Response(null, { status: 200 }));
  await sent;
  expect(client.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'stream_protocol' } });
});

test('A message of which only the answer was lost leaves the composer again, with its files, and is answered.', async () => {
  const { route, client } = setUp({ threadId: 'thread_1' });
  client.addFiles([{ uri: 'file:///a.csv', name: 'a.csv' }]);
  client.setInput('Hello');
  const sent = client.submit();
  const url = '/files/file_1';
  (await route.next('POST /files')).json({
    id: 'file_1',
    name: 'a.csv',
    mediaType: 'text/csv',
    size: 1,
    url,
  });
  const post = await route.next('POST ');
  const { message } = post.body as { message: object };
  post.fail();
  await sent;
  expect(client.getSnapshot()).toMatchObject({ input: 'Hello', files: [{ url }], status: 'error' });
  const run = { id: 'run_1', status: 'in_progress' };
  (await route.next('GET /threads/thread_1')).json({ thread: { id: 'thread_1' }, messages: [message], run });
  (await route.next('GET /threads/thread_1/stream')).stream().send(...toTextRun('Hi'));
  await until(client, ({ messages }) => messages.length === 2);
  await until(client, ({ status }) => status === 'ready');
  expect(client.getSnapshot()).toMatchObject({ input: '', files: [], error: undefined });
  expect(route.calls.some(({ method }) => method === 'DELETE')).toBe(false);
});

test('A stop that the server does not answer is told as that, not as a request that was stopped.', async () => {
  vi.useFakeTimers();
  const { route, client } = setUp({ threadId: 'thread_1' });
  void client.sendMessage({ text: 'Hello' });
  (await route.next('POST ')).stream().send(...toTextStart('One'));
  await vi.advanceTimersByTimeAsync(100);
  void client.stop();
  await route.next('POST /threads/thread_1/cancel');
  await vi.advanceTimersByTimeAsync(10_000);
  expect(client.getSnapshot().error).toMatchObject({ code: 'network', isRetryable: true });
  vi.useRealTimers();
});

test('A message that is stopped before it has left goes back to the composer.', async () => {
  const { route, client, posts } = setUp({ threadId: 'thread_1' });
  void client.sendMessage({ text: 'One' });
  (await route.next('POST ')).stream().send(...toTextStart('First'));
  await until(client, ({ status }) => status === 'streaming');
  client.setInput('Two');
  const sent = client.submit();
  const cancel = await route.next('POST /threads/thread_1/cancel');
  void client.stop();
  await sent;
  expect(client.getSnapshot()).toMatchObject({ input: 'Two', status: 'ready' });
  expect(client.getSnapshot().messages.map(({ content }) => content)).toEqual(['One', 'First']);
  cancel.json(cancelled);
  await settle();
  expect(posts()).toHaveLength(1);
});
