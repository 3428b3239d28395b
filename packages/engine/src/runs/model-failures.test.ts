import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  APICallError,
  NoSuchModelError,
  type LanguageModelV4,
  type LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startEngine, until } from '../test-support/start-engine.ts';

function callError(statusCode: number | undefined, responseBody = '', headers = {}) {
  return new APICallError({
    message: 'sk-secret leaked in a message',
    url: 'https://models.example/v1/chat?key=sk-secret',
    requestBodyValues: {},
    responseBody,
    responseHeaders: headers,
    ...(statusCode !== undefined && { statusCode }),
  });
}

type Parts = ReadableStream<LanguageModelV4StreamPart>;

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

async function runOnce(turns: ScriptedTurnSource[], change = (parts: Parts): Parts => parts) {
  const model = scriptedModel(turns, 'gpt-x');
  const changed: LanguageModelV4 = {
    ...model,
    doStream: async (options) => {
      const { stream } = await model.doStream(options);
      return { stream: change(stream) };
    },
  };
  const { threads, thread, assistant, events } = startEngine({ model: changed });
  const thread_id = await thread();
  const assistant_id = await assistant({ model: 'gpt-x' });
  const run = await threads.runs.createAndPoll(thread_id, { assistant_id }, { pollIntervalMs: 5 });
  const sent = await events(`/threads/${thread_id}/runs/${run.id}/stream`);
  return { run, sent, model, threads, thread_id, assistant_id };
}

test.each([
  ['status 404', callError(404), 'server_error', 'The model "gpt-x" was not found at models.example.'],
  [
    'an unknown model by code',
    callError(400, '{"error":{"code":"model_not_found"}}'),
    'server_error',
    'The model "gpt-x" was not found at models.example.',
  ],
  [
    'an answer that is none',
    callError(200, '<html>'),
    'server_error',
    'The model server at models.example answered in a way that no model does (status 200).',
  ],
  [
    'status 401',
    callError(401),
    'server_error',
    'The model server at models.example refused the API key. Check the key.',
  ],
  [
    'status 403',
    callError(403),
    'server_error',
    'The API key has no permission to use the model "gpt-x" at models.example.',
  ],
  [
    'status 422',
    callError(422),
    'server_error',
    'The model server at models.example refused the request (status 422).',
  ],
  [
    'a provider without the model',
    new NoSuchModelError({ modelId: 'gpt-x', modelType: 'languageModel' }),
    'server_error',
    'The model "gpt-x" was not found.',
  ],
  [
    'a bug in a provider',
    new TypeError('sk-secret is not a function'),
    'server_error',
    'The model "gpt-x" failed while it answered.',
  ],
])('%s becomes a sentence of ours, without what the provider said', async (_, error, code, message) => {
  const { run, sent, threads, thread_id, assistant_id } = await runOnce([{ error }, 'Fine.']);
  expect(run).toMatchObject({ status: 'failed', last_error: { code, message } });
  expect(sent.map(({ event }) => event)).toEqual([
    'thread.run.created',
    'thread.run.queued',
    'thread.run.in_progress',
    'thread.run.failed',
  ]);
  expect(JSON.stringify(sent)).not.toContain('sk-secret');
  const next = await threads.runs.createAndPoll(thread_id, { assistant_id });
  expect(next.status).toBe('completed');
});

test('a server that limits requests is asked once more after the time it names', async () => {
  const begin = performance.now();
  const { run, model } = await runOnce([{ error: callError(429, '', { 'retry-after-ms': '40' }) }, 'Fine.']);
  expect(run.status).toBe('completed');
  expect(model.calls).toHaveLength(2);
  expect(performance.now() - begin).toBeGreaterThan(39);
});

test('a server that goes on limiting fails the run as rate limited', async () => {
  const error = callError(429, '', { 'retry-after-ms': '1' });
  const { run, model } = await runOnce([() => ({ error })]);
  expect(model.calls).toHaveLength(4);
  expect(run.last_error).toEqual({
    code: 'rate_limit_exceeded',
    message: 'The model server at models.example limits requests, or its quota is used up. Try again later.',
  });
});

test.each([
  ['a server error', callError(503, '', { 'retry-after-ms': '1' })],
  ['seconds', callError(429, '', { 'retry-after': '0.001' })],
  ['a date that has passed', callError(500, '', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })],
])('%s is got over by asking again', async (_, error) => {
  const { run, model } = await runOnce([{ error }, { error }, { error }, 'Fine.']);
  expect(run.status).toBe('completed');
  expect(model.calls).toHaveLength(4);
});

test.each([
  ['asks for more patience than a run has', callError(429, '', { 'retry-after': '3600' })],
  ['has used up its quota', callError(429, '{"error":{"code":"insufficient_quota"}}')],
])('a server that %s is not asked again', async (_, error) => {
  const { run, model } = await runOnce([() => ({ error })]);
  expect(model.calls).toHaveLength(1);
  expect(run.last_error!.code).toBe('rate_limit_exceeded');
});

test.each([
  ['a limit', { type: 'rate_limit_error', code: 'rate_limit_exceeded' }, 'rate_limit_exceeded'],
  ['overload', { type: 'error', error: { type: 'overloaded_error' } }, 'server_error'],
  [
    'a failed response',
    { type: 'response.failed', response: { error: { code: 'server_error' } } },
    'server_error',
  ],
])(
  '%s that comes within the stream, before any word, is tried again and named rightly',
  async (_, error, code) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const model = scriptedModel([() => ({ parts: [{ streamError: error }] })]);
    const { threads, thread, assistant } = startEngine({ model });
    const run = await threads.runs.create(await thread(), { assistant_id: await assistant() });
    const ended = await until(async () => {
      vi.advanceTimersByTime(4000);
      const now = await threads.runs.retrieve(run.id, { thread_id: run.thread_id });
      return now.status === 'failed' && now;
    });
    expect(model.calls).toHaveLength(4);
    expect(ended.last_error!.code).toBe(code);
  },
);

test.each([
  ['{"error":{"code":"context_length_exceeded"}}', 'The conversation is longer than the model takes.'],
  ['{"error":{"code":"invalid_prompt"}}', 'The model server refused the conversation.'],
])('a conversation that is refused with %s is an invalid prompt', async (body, message) => {
  const { run, model } = await runOnce([{ error: callError(400, body) }]);
  expect(model.calls).toHaveLength(1);
  expect(run.last_error).toEqual({ code: 'invalid_prompt', message });
});

test('a cancel ends the wait for another attempt at once', async () => {
  const failing = Promise.withResolvers<void>();
  const model = scriptedModel([
    () => {
      failing.resolve();
      return { error: callError(503, '', { 'retry-after': '20' }) };
    },
  ]);
  const { threads, thread, assistant } = startEngine({ model });
  const thread_id = await thread();
  const run = await threads.runs.create(thread_id, { assistant_id: await assistant() });
  await failing.promise;
  const begin = performance.now();
  await threads.runs.cancel(run.id, { thread_id });
  const ended = await threads.runs.poll(run.id, { thread_id }, { pollIntervalMs: 1 });
  expect(ended.status).toBe('cancelled');
  // Of the twenty seconds that the server asked for; a busy machine may take some.
  expect(performance.now() - begin).toBeLessThan(15_000);
  expect(model.calls).toHaveLength(1);
});

test('a stream that breaks after its first words fails the run and keeps them; it is not asked again', async () => {
  const { run, sent, model } = await runOnce([
    { parts: [{ text: 'Once upon' }, { streamError: callError(500, '', { 'retry-after-ms': '1' }) }] },
  ]);
  expect(model.calls).toHaveLength(1);
  expect(run.last_error!.message).toBe(
    'The model server at models.example has an error of its own (status 500). Try again later.',
  );
  expect(sent.slice(-3)).toMatchObject([
    {
      event: 'thread.message.incomplete',
      data: { incomplete_details: { reason: 'run_failed' }, content: [{ text: { value: 'Once upon' } }] },
    },
    { event: 'thread.run.step.failed', data: { last_error: { code: 'server_error' } } },
    { event: 'thread.run.failed' },
  ]);
});

test.each([
  ['nothing', []],
  [
    'an interruption',
    [{ type: 'finish' as const, finishReason: { unified: 'interrupted' as const, raw: undefined }, usage }],
  ],
])('an answer that ends with %s in place of its end is no answer', async (_, ending) => {
  const { run, sent } = await runOnce([() => ({ parts: [{ text: 'The first half' }] })], (stream) =>
    stream.pipeThrough(
      new TransformStream({
        transform(part, controller) {
          if (part.type !== 'finish') controller.enqueue(part);
          else for (const other of ending) controller.enqueue(other);
        },
      }),
    ),
  );
  expect(run).toMatchObject({
    status: 'failed',
    last_error: { code: 'server_error', message: "The model's answer broke off before its end." },
  });
  expect(sent.slice(-3)).toMatchObject([
    { event: 'thread.message.incomplete', data: { content: [{ text: { value: 'The first half' } }] } },
    { event: 'thread.run.step.failed' },
    { event: 'thread.run.failed' },
  ]);
});

test('a model server that is not there is named with its address', async () => {
  // Port 9 of this machine: nothing listens there.
  const provider = createOpenAICompatible({ name: 'local', baseURL: 'http://127.0.0.1:9/v1' });
  const log = vi.fn<(level: string, message: string) => void>();
  const { threads, thread, assistant } = startEngine({ model: (id) => provider.chatModel(id), log });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await assistant() });
  expect(run.last_error!.message).toMatch(
    /^The model server cannot be reached at 127\.0\.0\.1:9.*Is it running\?$/,
  );
  expect(log.mock.calls.map(([level]) => level).filter((level) => level !== 'info')).toEqual(['warn']);
});

/** A model server that breaks every answer off: the first behind its head, the next ones in their words, when told to. */
async function startBreaking() {
  const answers: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    answers.push(response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (answers.length === 1) {
      response.flushHeaders();
      response.socket!.end();
      return;
    }
    const choice = { index: 0, delta: { role: 'assistant', content: 'Once upon' }, finish_reason: null };
    const chunk = { id: '1', object: 'chat.completion.chunk', created: 1, model: 'x', choices: [choice] };
    response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const provider = createOpenAICompatible({ name: 'local', baseURL: `http://127.0.0.1:${port}/v1` });
  return { port, answers, model: () => provider.chatModel('x') };
}

test('a connection that breaks before the first word is made again, one that breaks in the words is told as such', async () => {
  const { port, answers, model } = await startBreaking();
  const { threads, thread, assistant } = startEngine({ model });
  const thread_id = await thread();
  const run = await threads.runs.create(thread_id, { assistant_id: await assistant() });
  await until(async () => (await threads.messages.list(thread_id, { run_id: run.id })).data.length > 0);
  expect(answers).toHaveLength(2);
  answers[1]!.socket!.destroy();
  const ended = await threads.runs.poll(run.id, { thread_id }, { pollIntervalMs: 5 });
  expect(ended.last_error!.message).toBe(
    `The connection to the model server at 127.0.0.1:${port} broke off (UND_ERR_SOCKET).`,
  );
  const [message] = (await threads.messages.list(thread_id)).data;
  expect(message).toMatchObject({ status: 'incomplete', content: [{ text: { value: 'Once upon' } }] });
});

test('a model function that fails, or never answers, ends its run and nothing else', async () => {
  const { threads, thread, assistant } = startEngine({
    model: (modelId) =>
      modelId === 'missing'
        ? Promise.reject(new NoSuchModelError({ modelId, modelType: 'languageModel' }))
        : new Promise(() => {}),
  });
  const thread_id = await thread();
  const assistant_id = await assistant();
  const failed = await threads.runs.createAndPoll(thread_id, { assistant_id, model: 'missing' });
  expect(failed.last_error!.message).toBe('The model "missing" was not found.');
  const stuck = await threads.runs.create(thread_id, { assistant_id, model: 'stuck' });
  await threads.runs.cancel(stuck.id, { thread_id });
  const cancelled = await threads.runs.poll(stuck.id, { thread_id }, { pollIntervalMs: 5 });
  expect(cancelled.status).toBe('cancelled');
});
