import type { LanguageModelV2, LanguageModelV2StreamPart } from '@ai-sdk/provider';
import { scriptedModel } from '@use-assistant/test-kit';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createEngine } from './create-engine.ts';
import { sqlite } from './storage/sqlite.ts';
import { fakeInterpreter } from './test-support/fake-interpreter.ts';
import { startEngine } from './test-support/start-engine.ts';

test('a model may be a function of the model id, and a run may name another model than its assistant', async () => {
  const asked: string[] = [];
  const { threads, thread, assistant } = startEngine({
    model: async (modelId) => {
      asked.push(modelId);
      return scriptedModel(['Hello']);
    },
  });
  const assistant_id = await assistant({ model: 'first' });
  await threads.runs.createAndPoll(await thread(), { assistant_id });
  await threads.runs.createAndPoll(await thread(), { assistant_id, model: 'second' });
  expect(asked).toEqual(['first', 'second']);
});

test('a model of an older interface of the AI SDK is spoken to as well', async () => {
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  const older: LanguageModelV2 = {
    specificationVersion: 'v2',
    provider: 'older',
    modelId: 'older',
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('It only streams.')),
    doStream: () =>
      Promise.resolve({
        stream: new ReadableStream<LanguageModelV2StreamPart>({
          start(controller) {
            controller.enqueue({ type: 'text-start', id: '0' });
            controller.enqueue({ type: 'text-delta', id: '0', delta: 'Hello' });
            controller.enqueue({ type: 'text-end', id: '0' });
            controller.enqueue({
              type: 'finish',
              finishReason: 'stop',
              usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 },
            });
            controller.close();
          },
        }),
      }),
  };
  const { threads, thread, assistant } = startEngine({ model: older });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await assistant() });
  expect(run).toMatchObject({ status: 'completed', usage: { total_tokens: 5 } });
});

test('an engine that is only made leaves nothing behind; the first request opens its folder', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'engine-lazy-'));
  const folder = join(parent, 'data');
  const engine = createEngine({ storage: sqlite(folder), model: scriptedModel([]) });
  const client = engine.openai();
  await new Promise((done) => setImmediate(done));
  expect(existsSync(folder)).toBe(false);
  await client.beta.threads.create();
  expect(existsSync(folder)).toBe(true);
  await engine.close();
  const unused = createEngine({ storage: sqlite(join(parent, 'unused')), model: scriptedModel([]) });
  await unused.close();
  expect(existsSync(join(parent, 'unused'))).toBe(false);
  rmSync(parent, { recursive: true });
});

test('warm gets Python ready before any thread asks for it', async () => {
  const interpreter = fakeInterpreter(() => ({}));
  const warm = vi.fn(async () => {});
  const { engine } = startEngine({ model: scriptedModel([]), codeInterpreter: { ...interpreter, warm } });
  await engine.warm();
  expect(warm).toHaveBeenCalledOnce();
  expect(interpreter.opened).toEqual([]);
});

test('an engine whose folder cannot be used answers every request with one sentence that says why', async () => {
  const engine = createEngine({ storage: sqlite('/dev/null/data'), model: scriptedModel([]), log: () => {} });
  await expect(engine.ready()).rejects.toThrow(
    'The data folder /dev/null/data cannot be used: it is not a folder.',
  );
  const client = engine.openai();
  await expect(client.beta.threads.create()).rejects.toMatchObject({
    status: 503,
    message: '503 The data folder /dev/null/data cannot be used: it is not a folder.',
  });
  await engine.close();
});

test('with an API key only requests that bring it are answered', async () => {
  const { engine, openai } = startEngine({ apiKey: 'secret', model: scriptedModel([]) });
  await expect(openai.beta.threads.create()).resolves.toMatchObject({ object: 'thread' });
  const wrong = openai.withOptions({ apiKey: 'guess' });
  await expect(wrong.beta.threads.create()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' });
  const response = await engine.fetch('http://engine.local/v1/assistants');
  expect(response.status).toBe(401);
});

test('a closed engine says so', async () => {
  const { engine, openai } = startEngine({ model: scriptedModel([]) });
  await engine.close();
  await expect(openai.beta.threads.create()).rejects.toMatchObject({ status: 503, message: /closed/ });
});

test.runIf(existsSync('/proc/self'))('a folder that nobody can make there is told at once', async () => {
  const { engine } = startEngine({ storage: sqlite('/proc/nothing/here') });
  await expect(engine.ready()).rejects.toThrow(
    'The data folder /proc/nothing/here cannot be used: no folder can be made there.',
  );
});
