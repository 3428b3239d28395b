import { APICallError, NoSuchModelError } from '@ai-sdk/provider';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, test, vi } from 'vitest';
import { startEngine } from '../test-support/start-engine.ts';

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

async function runOnce(turns: ScriptedTurnSource[]) {
  const model = scriptedModel(turns, 'gpt-x');
  const { threads, thread, assistant, events } = startEngine({ model });
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
  const { run, model } = await runOnce([{ error }, { error }]);
  expect(model.calls).toHaveLength(2);
  expect(run.last_error).toEqual({
    code: 'rate_limit_exceeded',
    message: 'The model server at models.example limits requests, or its quota is used up. Try again later.',
  });
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

test('a model server that is not there is named with its address', async () => {
  // Port 9 of this machine: nothing listens there.
  const provider = createOpenAICompatible({ name: 'local', baseURL: 'http://127.0.0.1:9/v1' });
  const log = vi.fn<(level: string, message: string) => void>();
  const { threads, thread, assistant } = startEngine({ model: (id) => provider.chatModel(id), log });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await assistant() });
  expect(run.last_error!.message).toMatch(
    /^The model server cannot be reached at 127\.0\.0\.1:9.*Is it running\?$/,
  );
  expect(log.mock.calls.map(([level]) => level)).toEqual(['warn']);
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
