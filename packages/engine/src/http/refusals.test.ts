import { scriptedModel } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { describe, expect, test } from 'vitest';
import { startEngine } from '../test-support/start-engine.ts';

const start = () => startEngine({ model: scriptedModel([() => 'Hello']) });
const named = (name: string) => ({ type: 'function' as const, function: { name } });

/** Asks without the SDK, which would not let everything through. */
function asker() {
  const { engine, ...rest } = start();
  const ask = async (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const init = { method, headers, ...(body !== undefined && { body }) };
    const response = await engine.fetch(`http://engine.local/v1${path}`, init);
    return { status: response.status, body: await response.json() };
  };
  return { ask, ...rest };
}

describe('tools', () => {
  test.each([
    ['two functions of one name', [named('f'), named('g'), named('f')], 'tools[2].function.name', "'f'"],
    ['Python twice', [{ type: 'code_interpreter' }, { type: 'code_interpreter' }], 'tools[1].type', ''],
    [
      "a function that has the name of one of the engine's",
      [{ type: 'file_search' }, named('file_search')],
      'tools[1].function.name',
      "'file_search'",
    ],
  ])('%s are refused: a model could not tell them apart', async (_, tools, param, name) => {
    const { openai, threads, thread, assistant } = start();
    const made = openai.beta.assistants.create({ model: 'm', tools: tools as [] });
    await expect(made).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(made).rejects.toMatchObject({ param, message: expect.stringContaining(name) });
    const assistant_id = await assistant();
    const run = threads.runs.create(await thread(), { assistant_id, tools: tools as [] });
    await expect(run).rejects.toMatchObject({ status: 400, param });
  });

  test.each([
    [named('g'), "'tool_choice' names 'g', which is no tool of the run."],
    [{ type: 'code_interpreter' }, "'tool_choice' names 'code_interpreter', which is no tool of the run."],
    [{ type: 'file_search' }, "'tool_choice' names 'file_search', which is no tool of the run."],
  ])('a tool_choice of %j that the run does not have is refused', async (tool_choice, message) => {
    const { threads, thread, assistant } = start();
    const thread_id = await thread();
    const assistant_id = await assistant({ tools: [named('f')] });
    const run = threads.runs.create(thread_id, {
      assistant_id,
      tool_choice: tool_choice as OpenAI.Beta.AssistantToolChoice,
    });
    await expect(run).rejects.toMatchObject({
      status: 400,
      param: 'tool_choice',
      message: `400 ${message}`,
    });
    const { status } = await threads.runs.createAndPoll(thread_id, {
      assistant_id,
      tools: [named('g'), { type: 'code_interpreter' }, { type: 'file_search' }],
      tool_choice: tool_choice as OpenAI.Beta.AssistantToolChoice,
    });
    expect(status).toBe('completed');
  });

  test('a tool_choice of required is refused where there are none, auto and none are not', async () => {
    const { threads, thread, assistant } = start();
    const thread_id = await thread();
    const assistant_id = await assistant();
    await expect(
      threads.runs.create(thread_id, { assistant_id, tool_choice: 'required' }),
    ).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
    for (const tool_choice of ['none', 'auto'] as const) {
      const run = await threads.runs.createAndPoll(thread_id, { assistant_id, tool_choice });
      expect(run.status).toBe('completed');
    }
  });
});

test.each([
  [{ truncation_strategy: { type: 'last_messages' } }, 'truncation_strategy.last_messages'],
  [{ truncation_strategy: { type: 'last_messages', last_messages: 0 } }, 'truncation_strategy.last_messages'],
  [{ max_prompt_tokens: 255 }, 'max_prompt_tokens'],
  [{ max_completion_tokens: 255 }, 'max_completion_tokens'],
  [{ temperature: 2.1 }, 'temperature'],
  [{ top_p: -0.1 }, 'top_p'],
  [{ reasoning_effort: 'much' }, 'reasoning_effort'],
  [{ parallel_tool_calls: 'no' }, 'parallel_tool_calls'],
  [{ response_format: { type: 'json_schema' } }, 'response_format.json_schema'],
  [
    { response_format: { type: 'json_schema', json_schema: { schema: {} } } },
    'response_format.json_schema.name',
  ],
  [{ response_format: { type: 'xml' } }, 'response_format.type'],
  [{ response_format: 'xml' }, 'response_format'],
  [{ tool_choice: { type: 'function' } }, 'tool_choice.function'],
  [{ tool_choice: { type: 'x' } }, 'tool_choice.type'],
  [{ tool_choice: 'x' }, 'tool_choice'],
  [{ tools: Array.from({ length: 21 }, (_, index) => named(`f${index}`)) }, 'tools'],
  [{ stream: 'yes' }, 'stream'],
])('a run with %j is refused', async (settings, param) => {
  const { ask, thread, assistant } = asker();
  const body = JSON.stringify({ assistant_id: await assistant(), ...settings });
  const answer = await ask('POST', `/threads/${await thread()}/runs`, body);
  expect(answer).toMatchObject({ status: 400, body: { error: { param } } });
});

describe('files that are not there', () => {
  test('are refused as images of a message, and nothing is left behind', async () => {
    const { openai, threads, thread, assistant } = start();
    const thread_id = await thread();
    const { id } = await openai.files.create({ file: new File(['x'], 'a.png'), purpose: 'vision' });
    const content = [
      { type: 'text' as const, text: 'What is it?' },
      { type: 'image_file' as const, image_file: { file_id: id } },
      { type: 'image_file' as const, image_file: { file_id: 'file-gone' } },
    ];
    const refusal = {
      status: 400,
      param: 'content[2].image_file.file_id',
      message: '400 No such File object: file-gone',
    };
    const message = { role: 'user' as const, content };
    await expect(threads.messages.create(thread_id, message)).rejects.toMatchObject(refusal);
    await expect(threads.create({ messages: [message] })).rejects.toMatchObject(refusal);
    await expect(
      threads.runs.create(thread_id, { assistant_id: await assistant(), additional_messages: [message] }),
    ).rejects.toMatchObject(refusal);
    expect((await threads.messages.list(thread_id)).data).toHaveLength(1);
    await threads.messages.create(thread_id, { role: 'user', content: content.slice(0, 2) });
  });

  test('are refused as files of assistants and threads', async () => {
    const { openai } = start();
    const tool_resources = { code_interpreter: { file_ids: ['file-gone'] } };
    const refusal = { status: 404, param: 'id', message: '404 No such File object: file-gone' };
    const { assistants, threads } = openai.beta;
    await expect(assistants.create({ model: 'm', tool_resources })).rejects.toMatchObject(refusal);
    await expect(threads.create({ tool_resources })).rejects.toMatchObject(refusal);
    const thread = await threads.create();
    await expect(threads.update(thread.id, { tool_resources })).rejects.toMatchObject(refusal);
  });
});

describe('metadata', () => {
  const sixteen = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`key ${index}`, 'x']));

  /** Everything that takes metadata, asked to take these. */
  async function everywhere(metadata: unknown) {
    const { openai, threads, thread, assistant } = start();
    const body = { metadata: metadata as Record<string, string> };
    const thread_id = await thread();
    const assistant_id = await assistant();
    const run = await threads.runs.createAndPoll(thread_id, { assistant_id });
    return Promise.allSettled<{ metadata: unknown }>([
      openai.beta.assistants.create({ model: 'm', ...body }),
      openai.beta.assistants.update(assistant_id, body),
      threads.create(body),
      threads.update(thread_id, body),
      threads.messages.create(thread_id, { role: 'user', content: 'x', ...body }),
      threads.runs.update(run.id, { thread_id, ...body }),
      openai.vectorStores.create(body),
    ]);
  }

  test.each([
    ['16 entries', sixteen],
    ['a key of 64 characters', { ['k'.repeat(64)]: 'x' }],
    ['a value of 512 characters', { k: 'x'.repeat(512) }],
    ['keys that every object has', { constructor: 'x', toString: 'y', '': 'z' }],
  ])('may have %s', async (_, metadata) => {
    const taken = await everywhere(metadata);
    expect(taken).toHaveLength(7);
    for (const answer of taken) expect(answer).toMatchObject({ status: 'fulfilled', value: { metadata } });
  });

  test.each([
    ['17 entries', { ...sixteen, more: 'x' }],
    ['a key of 65 characters', { ['k'.repeat(65)]: 'x' }],
    ['a value of 513 characters', { k: 'x'.repeat(513) }],
    ['a number', { k: 1 }],
    ['null as a value', { k: null }],
    ['the form of a list', []],
  ])('is refused with %s', async (_, metadata) => {
    const refused = await everywhere(metadata);
    expect(refused).toHaveLength(7);
    const reason = { status: 400, param: expect.stringMatching(/^metadata/) };
    for (const answer of refused) expect(answer).toMatchObject({ status: 'rejected', reason });
  });
});

test.each([
  '{"metadata":{"__proto__":"x"}}',
  '{"__proto__":{"metadata":{"a":"b"}}}',
  '{"messages":[{"role":"user","content":"x","metadata":{"__proto__":"x"}}]}',
  '{"tool_resources":{"__proto__":{}}}',
])('a name that objects of JavaScript do not keep is refused, not dropped: %s', async (body) => {
  const { ask } = asker();
  for (const headers of [{}, { 'openai-beta': 'assistants=v1' }]) {
    expect(await ask('POST', '/threads', body, headers)).toEqual({
      status: 400,
      body: {
        error: {
          message: "Unknown parameter: '__proto__'.",
          type: 'invalid_request_error',
          param: '__proto__',
          code: 'unknown_parameter',
        },
      },
    });
  }
});

describe('pages', () => {
  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=x', 'limit'],
    ['order=up', 'order'],
    ['after=nothing', 'after'],
    ['before=nothing', 'before'],
  ])('asked for with %s are refused', async (query, param) => {
    const { ask, thread, openai } = asker();
    const thread_id = await thread();
    const store = await openai.vectorStores.create({});
    for (const path of [
      '/assistants',
      `/threads/${thread_id}/messages`,
      `/threads/${thread_id}/runs`,
      '/vector_stores',
      `/vector_stores/${store.id}/files`,
    ]) {
      expect(await ask('GET', `${path}?${query}`)).toMatchObject({ status: 400, body: { error: { param } } });
    }
  });

  test('of files have up to 10,000', async () => {
    const { ask } = asker();
    expect(await ask('GET', '/files?limit=10000')).toMatchObject({ status: 200 });
    expect(await ask('GET', '/files?limit=10001')).toMatchObject({ status: 400 });
  });
});

describe('requests that are none', () => {
  test.each(['{"a', '[1', '\u0000', '"text"', '5', 'null', '[]'])(
    'with the body %j are refused',
    async (body) => {
      const { ask } = asker();
      for (const path of ['/assistants', '/threads', '/threads/runs', '/vector_stores', '/uploads']) {
        const { status, body: answer } = await ask('POST', path, body);
        expect([status, Object.keys(answer.error)]).toEqual([400, ['message', 'type', 'param', 'code']]);
      }
    },
  );

  test.each([
    ['GET', '/'],
    ['PATCH', '/assistants/asst_1'],
    ['PUT', '/threads/thread_1'],
    ['DELETE', '/threads/thread_1/runs/run_1'],
    ['POST', '/threads/thread_1/runs/run_1/steps'],
    ['GET', '/chat/completions'],
    ['POST', '/assistants/asst_1/nothing'],
  ])('%s %s is no route', async (method, path) => {
    const { ask } = asker();
    expect(await ask(method, path)).toEqual({
      status: 404,
      body: {
        error: {
          message: `Invalid URL (${method} /v1${path})`,
          type: 'invalid_request_error',
          param: null,
          code: 'unknown_url',
        },
      },
    });
  });

  test('JSON is taken whatever its content type says; a form only as one', async () => {
    const { ask } = asker();
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', '']) {
      const headers = { 'content-type': type };
      expect(await ask('POST', '/threads', '{}', headers)).toMatchObject({ status: 200 });
      expect(await ask('POST', '/files', 'purpose=assistants', headers)).toMatchObject({
        status: 400,
        body: { error: { type: 'invalid_request_error' } },
      });
    }
  });
});
