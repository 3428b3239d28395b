import OpenAI from 'openai';
import { scriptedModel } from '@use-assistant/test-kit';
import { describe, expect, test } from 'vitest';
import { startEngine, until } from '../test-support/start-engine.ts';

const start = () => startEngine({ model: scriptedModel([() => 'Hello']) });

describe('assistants', () => {
  test('are made with every setting, changed, listed, and deleted', async () => {
    const { openai } = start();
    const { assistants } = openai.beta;
    const made = await assistants.create({
      model: 'm',
      name: 'Tutor',
      description: 'Helps',
      instructions: 'Be kind.',
      tools: [
        { type: 'code_interpreter' },
        { type: 'function', function: { name: 'f', parameters: {} } },
        { type: 'file_search' },
      ],
      metadata: { a: 'b' },
      temperature: 0.5,
      top_p: 0.9,
      response_format: { type: 'json_object' },
    });
    expect(made.id).toMatch(/^asst_\w{24}$/);
    expect(await assistants.retrieve(made.id)).toEqual(made);
    const changed = await assistants.update(made.id, { name: 'Coach', metadata: {} });
    expect(changed).toEqual({ ...made, name: 'Coach', metadata: {} });
    expect(await assistants.delete(made.id)).toEqual({
      id: made.id,
      object: 'assistant.deleted',
      deleted: true,
    });
    await expect(assistants.retrieve(made.id)).rejects.toThrow(`No assistant found with id '${made.id}'.`);
    await expect(assistants.delete(made.id)).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });

  test.each([
    [{}, 'model', 'missing_required_parameter', "Missing required parameter: 'model'."],
    [{ model: 'm', nmae: 'x' }, 'nmae', 'unknown_parameter', "Unknown parameter: 'nmae'."],
    [
      { model: 'm', tools: [{ type: 'retrieval' }] },
      'tools[0].type',
      'invalid_value',
      "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'function', and 'file_search'.",
    ],
    [
      { model: 5 },
      'model',
      'invalid_type',
      "Invalid type for 'model': expected string, but got a number instead.",
    ],
    [{ model: 'm', temperature: 3 }, 'temperature', 'invalid_value', /temperature/],
    [{ model: 'm', metadata: { a: 1 } }, 'metadata.a', 'invalid_type', /metadata\.a/],
    [
      { model: 'm', tools: [{ type: 'function', function: {} }] },
      'tools[0].function.name',
      'missing_required_parameter',
      /name/,
    ],
  ])('%j is refused as the API refuses it', async (body, param, code, message) => {
    const { openai } = start();
    const attempt = openai.beta.assistants.create(body as OpenAI.Beta.AssistantCreateParams);
    await expect(attempt).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    await expect(attempt).rejects.toMatchObject({ param, code, type: 'invalid_request_error' });
    await expect(attempt).rejects.toThrow(message);
  });
});

describe('pages', () => {
  test('walk over everything once, in both directions, whatever the page size, within one second', async () => {
    const { engine, threads } = start();
    const thread = await threads.create();
    const ids: string[] = [];
    for (let index = 0; index < 23; index++) {
      ids.push((await threads.messages.create(thread.id, { role: 'user', content: `${index}` })).id);
    }
    for (const limit of [1, 2, 7, 22, 23, 100]) {
      for (const order of ['asc', 'desc'] as const) {
        const walked: string[] = [];
        for await (const { id } of threads.messages.list(thread.id, { limit, order })) walked.push(id);
        expect(walked).toEqual(order === 'asc' ? ids : ids.toReversed());
      }
    }
    const before = await threads.messages.list(thread.id, { order: 'asc', before: ids[10]!, limit: 3 });
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(7, 10));
    const between = await threads.messages.list(thread.id, { order: 'asc', after: ids[2]!, before: ids[5]! });
    expect(between.data.map(({ id }) => id)).toEqual(ids.slice(3, 5));
    const empty = await engine.fetch(
      `http://engine.local/v1/threads/${(await threads.create()).id}/messages`,
    );
    expect(await empty.json()).toEqual({
      object: 'list',
      data: [],
      first_id: null,
      last_id: null,
      has_more: false,
    });
    await expect(threads.messages.list(thread.id, { limit: 101 })).rejects.toBeInstanceOf(
      OpenAI.BadRequestError,
    );
    await expect(threads.messages.list(thread.id, { after: 'msg_x' })).rejects.toMatchObject({ status: 400 });
  });

  test('take no place in another list, and name the cursor that is none', async () => {
    const { threads, thread } = start();
    const [here, elsewhere] = await Promise.all([thread(), thread()]);
    const [foreign] = (await threads.messages.list(elsewhere)).data;
    await expect(threads.messages.list(here, { after: foreign!.id })).rejects.toMatchObject({
      status: 400,
      param: 'after',
    });
    await expect(threads.messages.list(here, { before: 'msg_none' })).rejects.toMatchObject({
      status: 400,
      param: 'before',
    });
  });

  test('of messages can be those of one run', async () => {
    const { threads, thread, assistant } = start();
    const thread_id = await thread();
    const run = await threads.runs.createAndPoll(thread_id, { assistant_id: await assistant() });
    const page = await threads.messages.list(thread_id, { run_id: run.id });
    expect(page.data).toHaveLength(1);
    expect(page.data[0]).toMatchObject({ role: 'assistant', run_id: run.id });
  });
});

describe('threads and messages', () => {
  test('are made, changed and deleted, with their messages', async () => {
    const { threads } = start();
    const thread = await threads.create({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'a' }] }],
      metadata: { owner: 'me' },
    });
    expect(await threads.update(thread.id, { metadata: { owner: 'you' } })).toMatchObject({
      metadata: { owner: 'you' },
    });
    const [message] = (await threads.messages.list(thread.id)).data;
    expect(message!.content).toEqual([{ type: 'text', text: { value: 'a', annotations: [] } }]);
    const changed = await threads.messages.update(message!.id, {
      thread_id: thread.id,
      metadata: { seen: 'yes' },
    });
    expect(await threads.messages.retrieve(message!.id, { thread_id: thread.id })).toEqual(changed);
    const other = await threads.create();
    await expect(threads.messages.retrieve(message!.id, { thread_id: other.id })).rejects.toMatchObject({
      status: 404,
      message: `404 No message found with id '${message!.id}'.`,
    });
    await threads.messages.delete(message!.id, { thread_id: thread.id });
    expect((await threads.messages.list(thread.id)).data).toEqual([]);
    expect(await threads.delete(thread.id)).toEqual({
      id: thread.id,
      object: 'thread.deleted',
      deleted: true,
    });
    await expect(threads.retrieve(thread.id)).rejects.toThrow(`No thread found with id '${thread.id}'.`);
    await expect(threads.messages.list(thread.id)).rejects.toMatchObject({ status: 404 });
  });

  test('an attachment that does not exist is refused, and nothing is left behind', async () => {
    const { threads, thread } = start();
    const thread_id = await thread();
    const attachments = [{ file_id: 'file-x', tools: [{ type: 'code_interpreter' as const }] }];
    await expect(
      threads.messages.create(thread_id, { role: 'user', content: 'Look', attachments }),
    ).rejects.toMatchObject({ status: 404, param: 'id', message: '404 No such File object: file-x' });
    expect((await threads.messages.list(thread_id)).data).toHaveLength(1);
  });

  test('metadata keeps to sixteen entries', async () => {
    const { threads } = start();
    const metadata = Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`k${index}`, 'v']));
    await expect(threads.create({ metadata })).rejects.toMatchObject({ status: 400, param: 'metadata' });
  });
});

describe('the lock of a thread', () => {
  test('of a hundred runs that are started at once exactly one begins', async () => {
    const go = Promise.withResolvers<void>();
    const { threads, thread, assistant } = startEngine({
      model: scriptedModel([{ parts: [{ wait: go.promise }] }]),
    });
    const thread_id = await thread();
    const assistant_id = await assistant();
    const attempts = await Promise.allSettled(
      Array.from({ length: 100 }, () => threads.runs.create(thread_id, { assistant_id })),
    );
    const started = attempts.filter((attempt) => attempt.status === 'fulfilled');
    expect(started).toHaveLength(1);
    const { id } = started[0]!.value;
    for (const attempt of attempts) {
      if (attempt.status === 'fulfilled') continue;
      expect(attempt.reason).toBeInstanceOf(OpenAI.BadRequestError);
      expect(attempt.reason.message).toBe(`400 Thread ${thread_id} already has an active run ${id}.`);
    }
    await expect(threads.messages.create(thread_id, { role: 'user', content: 'x' })).rejects.toThrow(
      `Can't add messages to ${thread_id} while a run ${id} is active.`,
    );
    go.resolve();
    await until(async () => (await threads.runs.retrieve(id, { thread_id })).status === 'completed');
    await threads.messages.create(thread_id, { role: 'user', content: 'x' });
  });
});

describe('runs', () => {
  test('take their settings from the assistant, and their own over them; all of it reaches the model', async () => {
    const model = scriptedModel([() => '{}']);
    const { threads, thread, assistant } = startEngine({ model });
    const thread_id = await thread();
    const assistant_id = await assistant({
      instructions: 'Be kind.',
      temperature: 0.5,
      reasoning_effort: 'low',
      tools: [{ type: 'function', function: { name: 'f', description: 'd', strict: true } }],
    });
    const run = await threads.runs.createAndPoll(thread_id, {
      assistant_id,
      additional_instructions: 'Be brief.',
      additional_messages: [{ role: 'user', content: 'More' }],
      top_p: 0.1,
      tool_choice: { type: 'function', function: { name: 'f' } },
      parallel_tool_calls: false,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      truncation_strategy: { type: 'last_messages', last_messages: 1 },
      metadata: { a: 'b' },
    });
    expect(run).toMatchObject({
      instructions: 'Be kind.\nBe brief.',
      temperature: 0.5,
      top_p: 0.1,
      parallel_tool_calls: false,
      truncation_strategy: { type: 'last_messages', last_messages: 1 },
      metadata: { a: 'b' },
    });
    expect(model.calls[0]).toMatchObject({
      prompt: [
        { role: 'system', content: 'Be kind.\nBe brief.' },
        { role: 'user', content: [{ type: 'text', text: 'More' }] },
      ],
      temperature: 0.5,
      topP: 0.1,
      reasoning: 'low',
      tools: [{ type: 'function', name: 'f', description: 'd', strict: true }],
      toolChoice: { type: 'tool', toolName: 'f' },
      responseFormat: { type: 'json', name: 'answer', schema: { type: 'object' } },
      providerOptions: { openai: { parallelToolCalls: false } },
    });
    const changed = await threads.runs.update(run.id, { thread_id, metadata: { c: 'd' } });
    expect(changed).toEqual({ ...run, metadata: { c: 'd' } });
    expect((await threads.runs.list(thread_id)).data).toEqual([changed]);
  });

  test('name what they miss', async () => {
    const { threads, thread, assistant } = start();
    const thread_id = await thread();
    await expect(threads.runs.create(thread_id, {} as never)).rejects.toMatchObject({
      message: "400 Missing required parameter: 'assistant_id'.",
      param: 'assistant_id',
    });
    await expect(threads.runs.create(thread_id, { assistant_id: 'asst_x' })).rejects.toMatchObject({
      message: "404 No assistant found with id 'asst_x'.",
    });
    await expect(threads.runs.create('thread_x', { assistant_id: await assistant() })).rejects.toMatchObject({
      message: "404 No thread found with id 'thread_x'.",
    });
    await expect(threads.runs.retrieve('run_x', { thread_id })).rejects.toMatchObject({ status: 404 });
    await expect(threads.runs.steps.list('run_x', { thread_id })).rejects.toMatchObject({ status: 404 });
  });

  test('show their steps, newest first, one by one', async () => {
    const { threads, thread, assistant } = start();
    const thread_id = await thread();
    const run = await threads.runs.createAndPoll(thread_id, { assistant_id: await assistant() });
    const { data } = await threads.runs.steps.list(run.id, { thread_id });
    expect(data).toHaveLength(1);
    expect(await threads.runs.steps.retrieve(data[0]!.id, { thread_id, run_id: run.id })).toEqual(data[0]);
  });
});

describe('files', () => {
  test('are stored under the name they came with, without its path, and given back byte for byte', async () => {
    const { openai } = start();
    const bytes = new Uint8Array(300_000).map((_, index) => index % 251);
    const file = await openai.files.create({
      file: new File([bytes], 'C:\\temp\\../Grüße "1".csv'),
      purpose: 'assistants',
    });
    expect(file).toMatchObject({
      filename: 'Grüße "1".csv',
      bytes: 300_000,
      purpose: 'assistants',
      status: 'processed',
    });
    expect(file.id).toMatch(/^file-\w{24}$/);
    const response = await openai.files.content(file.id);
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get('content-disposition')).toBe(
      "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%221%22.csv",
    );
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await openai.files.list({ purpose: 'assistants' })).data).toEqual([file]);
    expect((await openai.files.list({ purpose: 'vision' })).data).toEqual([]);
    expect(await openai.files.delete(file.id)).toEqual({ id: file.id, object: 'file', deleted: true });
    await expect(openai.files.content(file.id)).rejects.toMatchObject({ status: 404, param: 'id' });
  });

  test('need a known purpose', async () => {
    const { openai } = start();
    const attempt = openai.files.create({ file: new File(['x'], 'x'), purpose: 'mischief' as 'vision' });
    await expect(attempt).rejects.toMatchObject({ status: 400, param: 'purpose' });
  });
});

describe('every answer', () => {
  test('has a request id, an error as well', async () => {
    const { openai, engine } = start();
    const thread = await openai.beta.threads.create();
    expect(thread._request_id).toMatch(/^req_/);
    await expect(openai.beta.threads.retrieve('x')).rejects.toMatchObject({
      requestID: expect.stringMatching(/^req_/),
    });
    const unknown = await engine.fetch('http://engine.local/v1/nothing');
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      {
        error: {
          message: 'Invalid URL (GET /v1/nothing)',
          type: 'invalid_request_error',
          param: null,
          code: 'unknown_url',
        },
      },
    ]);
  });

  test('to a body that is no JSON is a 400', async () => {
    const { engine } = start();
    const response = await engine.fetch('http://engine.local/v1/threads', { method: 'POST', body: '{"a' });
    expect(response.status).toBe(400);
  });

  test.each(['parameters', 'role'])(
    'to a body that is nested without measure is a 400: %s',
    async (where) => {
      const { engine } = start();
      const deep = '{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000);
      const body = {
        parameters: `{"model":"m","tools":[{"type":"function","function":{"name":"f","parameters":${deep}}}]}`,
        role: `{"model":${deep}}`,
      }[where]!;
      const answer = await engine.fetch('http://engine.local/v1/assistants', { method: 'POST', body });
      expect(answer.status).toBe(400);
      expect((await answer.json()) as object).toMatchObject({
        error: { message: expect.stringContaining('deep') },
      });
    },
  );

  test('to a body without end is a 413, long before its end', async () => {
    const { engine } = start();
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const response = await engine.fetch('http://engine.local/v1/threads', { method: 'POST', body });
    expect(response.status).toBe(413);
    expect(sent).toBeLessThan(17 * 2 ** 20);
  });

  test('to a run that may be polled says when to ask again', async () => {
    const { threads, thread, assistant } = start();
    const { response } = await threads.runs
      .create(await thread(), { assistant_id: await assistant() })
      .withResponse();
    expect(Number(response.headers.get('openai-poll-after-ms'))).toBeLessThanOrEqual(500);
  });
});
