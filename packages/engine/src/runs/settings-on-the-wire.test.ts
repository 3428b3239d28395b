import { createOpenAI } from '@ai-sdk/openai';
import { startModelServer, startResponsesServer } from '@use-assistant/test-kit';
import type OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import type { EngineOptions } from '../create-engine.ts';
import { resolveModel } from '../models/resolve-model.ts';
import { startEngine } from '../test-support/start-engine.ts';

const schema = { type: 'object', properties: { sum: { type: 'number' } } };
const settings: Partial<OpenAI.Beta.Threads.RunCreateParamsNonStreaming> = {
  instructions: 'Add.',
  tools: [{ type: 'function', function: { name: 'add', parameters: { type: 'object', properties: {} } } }],
  tool_choice: { type: 'function', function: { name: 'add' } },
  parallel_tool_calls: false,
  response_format: { type: 'json_schema', json_schema: { name: 'answer', description: 'd', schema } },
  max_completion_tokens: 300,
  reasoning_effort: 'low',
};
const sampling = { temperature: 0.5, top_p: 0.25 };

async function runWith(model: EngineOptions['model'], params: object): Promise<void> {
  const { threads, thread, assistant } = startEngine({ model });
  const assistant_id = await assistant();
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id, ...params });
  expect(run.last_error).toBeNull();
}

/** What a server that speaks chat completions is asked. */
async function askChat(params: object): Promise<unknown> {
  const server = await startModelServer({ reply: () => ['{}'] });
  onTestFinished(() => server.close());
  const models = resolveModel({ OPENAI_BASE_URL: server.url, ASSISTANT_MODEL: 'stand-in' });
  await runWith((id) => models.resolve(id), params);
  return server.requests[0];
}

/** What OpenAI's Responses are asked. */
async function askResponses(modelId: string, params: object): Promise<unknown> {
  const server = await startResponsesServer({ answer: () => [{ text: '{}' }] });
  onTestFinished(() => server.close());
  await runWith(createOpenAI({ apiKey: 'sk-test', baseURL: server.url }).responses(modelId), params);
  return server.responses[0];
}

test('every setting of a run arrives at a server that speaks chat completions', async () => {
  expect(await askChat({ ...settings, ...sampling })).toMatchObject({
    messages: [{ role: 'system', content: 'Add.' }, { role: 'user' }],
    ...sampling,
    max_tokens: 300,
    reasoning_effort: 'low',
    parallel_tool_calls: false,
    tool_choice: { type: 'function', function: { name: 'add' } },
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'answer', description: 'd', schema, strict: false },
    },
  });
});

test("every setting of a run arrives at OpenAI's Responses", async () => {
  expect(await askResponses('gpt-5.4-mini', settings)).toMatchObject({
    max_output_tokens: 300,
    reasoning: { effort: 'low' },
    parallel_tool_calls: false,
    tool_choice: { type: 'function', name: 'add' },
    text: { format: { type: 'json_schema', name: 'answer', description: 'd', schema, strict: false } },
  });
  expect(await askResponses('gpt-4.1', sampling)).toMatchObject(sampling);
});

test('a schema is strict where the run says so, and what it does not say is not sent', async () => {
  const response_format = {
    type: 'json_schema',
    json_schema: { name: 'answer', schema, strict: true },
  };
  const strict = { strict: true };
  expect(await askChat({ response_format })).toMatchObject({ response_format: { json_schema: strict } });
  expect(await askResponses('gpt-4.1', { response_format })).toMatchObject({ text: { format: strict } });
  expect(await askChat({ response_format: { type: 'json_object' } })).toMatchObject({
    response_format: { type: 'json_object' },
  });
  // Without tools a server refuses to be told how to call them.
  for (const plain of [
    await askChat({ parallel_tool_calls: false }),
    await askChat({ response_format: { type: 'text' } }),
  ]) {
    expect(Object.keys(plain as object).toSorted()).toEqual([
      'messages',
      'model',
      'stream',
      'stream_options',
    ]);
  }
});
