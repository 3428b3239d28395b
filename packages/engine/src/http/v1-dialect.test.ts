import OpenAI from 'openai';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseEvents, startEngine, until } from '../test-support/start-engine.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- what the clients of 2023 read, of which no types are left
type Json = any;

/** A client of 2023: plain requests with the header of v1. */
function start(turns: ScriptedTurnSource[] = [() => 'Hello']) {
  const model = scriptedModel(turns);
  const started = startEngine({ model });
  const send = async (method: string, path: string, body?: unknown): Promise<Response> =>
    started.engine.fetch(`http://engine.local/v1${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'openai-beta': 'assistants=v1' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  const ask = async (method: string, path: string, body?: unknown): Promise<Json> => {
    const response = await send(method, path, body);
    const answer = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${(answer as Json).error.message}`);
    return answer;
  };
  const upload = async (name: string, text = 'x') =>
    (await started.openai.files.create({ file: new File([text], name), purpose: 'assistants' })).id;
  return { ...started, model, send, ask, upload };
}

const getStockPrice = {
  type: 'function',
  function: {
    name: 'get_stock_price',
    description: 'Get the current stock price',
    parameters: { type: 'object', properties: { symbol: { type: 'string' } }, required: ['symbol'] },
  },
};

test('a worker of 2023 sees what it saw: two function calls, from the empty thread to the answer', async () => {
  const calls = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  const { ask, send } = start([
    {
      parts: [
        { call: 'get_stock_price', input: { symbol: 'AAPL' } },
        { wait: calls.promise },
        { call: 'get_stock_price', input: { symbol: 'META' } },
      ],
    },
    { parts: [{ text: ['Apple: 100, ', 'Meta: 233.'] }, { wait: answer.promise }] },
  ]);
  const assistant = await ask('POST', '/assistants', {
    name: 'Finance',
    instructions: 'Be a friendly finance helper.',
    model: 'gpt-4-1106-preview',
    tools: [{ type: 'code_interpreter' }, { type: 'retrieval' }, getStockPrice],
  });
  expect(assistant).toMatchObject({
    object: 'assistant',
    file_ids: [],
    tools: [{ type: 'code_interpreter' }, { type: 'retrieval' }, getStockPrice],
  });
  expect(assistant).not.toHaveProperty('tool_resources');

  // 1, 2: a thread and a message.
  const thread = await ask('POST', '/threads', {});
  expect(thread).toEqual({
    id: expect.stringMatching(/^thread_/),
    object: 'thread',
    created_at: expect.any(Number),
    metadata: {},
  });
  const at = `/threads/${thread.id}`;
  const message = await ask('POST', `${at}/messages`, { role: 'user', content: 'Apple and facebook?' });
  expect(message).toMatchObject({
    id: expect.stringMatching(/^msg_/),
    thread_id: thread.id,
    role: 'user',
    content: [{ type: 'text', text: { value: 'Apple and facebook?', annotations: [] } }],
    file_ids: [],
    assistant_id: null,
    run_id: null,
    metadata: {},
  });
  // 3, 4: no runs, one message.
  expect(await ask('GET', `${at}/runs`)).toEqual({
    object: 'list',
    data: [],
    first_id: null,
    last_id: null,
    has_more: false,
  });
  expect(await ask('GET', `${at}/messages`)).toEqual({
    object: 'list',
    data: [message],
    first_id: message.id,
    last_id: message.id,
    has_more: false,
  });

  // 5, 6: the run is queued, then in progress.
  const run = await ask('POST', `${at}/runs`, { assistant_id: assistant.id });
  expect(run).toMatchObject({
    id: expect.stringMatching(/^run_/),
    assistant_id: assistant.id,
    thread_id: thread.id,
    status: 'queued',
    started_at: null,
    expires_at: run.created_at + 600,
    cancelled_at: null,
    failed_at: null,
    completed_at: null,
    last_error: null,
    model: 'gpt-4-1106-preview',
    instructions: 'Be a friendly finance helper.',
    tools: assistant.tools,
    file_ids: [],
    metadata: {},
  });
  expect(run).not.toHaveProperty('required_action');
  const runAt = `${at}/runs/${run.id}`;
  const hasStatus = (status: string) =>
    until(async () => {
      const now = await ask('GET', runAt);
      return now.status === status && now;
    });
  expect((await hasStatus('in_progress')).started_at).toBeGreaterThanOrEqual(run.created_at);

  // 7, 8: the step shows its calls as the model makes them, without an output.
  const [step] = await until(async () => {
    const { data } = await ask('GET', `${runAt}/steps`);
    return data[0]?.step_details && data;
  });
  expect(step).toMatchObject({
    id: expect.stringMatching(/^step_/),
    type: 'tool_calls',
    status: 'in_progress',
    expires_at: run.expires_at,
  });
  calls.resolve();
  // 9: both calls wait for their outputs.
  const waiting = await hasStatus('requires_action');
  const toolCalls = waiting.required_action.submit_tool_outputs.tool_calls;
  expect(toolCalls).toMatchObject([
    {
      id: expect.stringMatching(/^call_/),
      type: 'function',
      function: { name: 'get_stock_price', arguments: '{"symbol":"AAPL"}' },
    },
    { type: 'function', function: { name: 'get_stock_price', arguments: '{"symbol":"META"}' } },
  ]);
  // The list and the run itself are the same.
  expect((await ask('GET', `${at}/runs`)).data).toEqual([waiting]);
  const [open] = (await ask('GET', `${runAt}/steps`)).data;
  expect(open).toMatchObject({ id: step.id, status: 'in_progress', completed_at: null });
  expect(open.step_details.tool_calls.map(({ id }: Json) => id)).toEqual(toolCalls.map(({ id }: Json) => id));
  expect(open.step_details.tool_calls[0].function).not.toHaveProperty('output');

  // 10: four minutes later the outputs are in.
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 254_000 });
  onTestFinished(() => void vi.useRealTimers());
  const submitted = await ask('POST', `${runAt}/submit_tool_outputs`, {
    tool_outputs: [
      { tool_call_id: toolCalls[0].id, output: '100' },
      { tool_call_id: toolCalls[1].id, output: '233' },
    ],
  });
  expect(submitted).toMatchObject({ status: 'queued', expires_at: run.expires_at });
  expect(submitted).not.toHaveProperty('required_action');
  // 11, 12: the run has started anew, and the answer is being written.
  expect((await hasStatus('in_progress')).started_at).toBeGreaterThanOrEqual(run.created_at + 254);
  const writing = await until(async () => {
    const { data } = await ask('GET', `${runAt}/steps`);
    return data.length === 2 && data;
  });
  expect(writing).toMatchObject([
    {
      type: 'message_creation',
      status: 'in_progress',
      step_details: { message_creation: { message_id: expect.stringMatching(/^msg_/) } },
    },
    {
      type: 'tool_calls',
      status: 'completed',
      completed_at: expect.any(Number),
      step_details: { tool_calls: [{ function: { output: '100' } }, { function: { output: '233' } }] },
    },
  ]);
  answer.resolve();
  // 13, 14, 15: all is over, and says so.
  expect(await hasStatus('completed')).toMatchObject({ expires_at: null, completed_at: expect.any(Number) });
  const { data: steps } = await ask('GET', `${runAt}/steps`);
  expect(steps).toMatchObject([
    { status: 'completed', expires_at: null, object: 'thread.run.step' },
    { status: 'completed', expires_at: null },
  ]);
  expect(await ask('GET', `${runAt}/steps/${steps[0].id}`)).toEqual(steps[0]);
  const { data: messages, first_id } = await ask('GET', `${at}/messages`);
  expect(messages).toMatchObject([
    {
      role: 'assistant',
      assistant_id: assistant.id,
      run_id: run.id,
      content: [{ text: { value: 'Apple: 100, Meta: 233.' } }],
    },
    { role: 'user' },
  ]);
  expect([first_id, messages[1].id]).toEqual([messages[0].id, message.id]);

  // 7 again: the step was there before its calls were.
  const events = parseEvents(await (await send('GET', `${runAt}/stream`)).text());
  const created = events.find(({ event }) => event === 'thread.run.step.created');
  expect((created!.data as Json).step_details.tool_calls).toEqual([]);
});

test('files of an assistant are its file_ids, and the list of code interpreter in v2', async () => {
  const { ask, upload, openai } = start();
  const [a, b, c] = [await upload('a.csv'), await upload('b.csv'), await upload('c.csv')];
  const assistant = await ask('POST', '/assistants', {
    model: 'm',
    tools: [{ type: 'code_interpreter' }],
    file_ids: [a, b],
  });
  expect(assistant.file_ids).toEqual([a, b]);
  const inV2 = async () => (await openai.beta.assistants.retrieve(assistant.id)).tool_resources;
  expect(await inV2()).toEqual({ code_interpreter: { file_ids: [a, b] } });

  const at = `/assistants/${assistant.id}/files`;
  const attached = await ask('POST', at, { file_id: c });
  expect(attached).toEqual({
    id: c,
    object: 'assistant.file',
    created_at: expect.any(Number),
    assistant_id: assistant.id,
  });
  expect(await ask('GET', `${at}/${c}`)).toEqual(attached);
  expect(await ask('GET', `${at}?limit=2`)).toMatchObject({
    object: 'list',
    data: [{ id: c }, { id: b }],
    first_id: c,
    last_id: b,
    has_more: true,
  });
  expect((await ask('GET', `${at}?limit=2&after=${b}`)).data).toMatchObject([{ id: a }]);
  expect(await ask('DELETE', `${at}/${a}`)).toEqual({
    id: a,
    object: 'assistant.file.deleted',
    deleted: true,
  });
  expect(await inV2()).toEqual({ code_interpreter: { file_ids: [b, c] } });
  // Detached, the file itself is still there.
  await openai.files.retrieve(a);

  // What v2 adds v1 does not show, and v1 does not take away.
  await openai.beta.assistants.update(assistant.id, {
    tool_resources: { code_interpreter: { file_ids: [b, c, a] } },
  });
  expect((await ask('POST', `/assistants/${assistant.id}`, { file_ids: [c], name: 'New' })).file_ids).toEqual(
    [c],
  );
  expect(await inV2()).toEqual({ code_interpreter: { file_ids: [c, a] } });
  expect((await ask('GET', `/assistants/${assistant.id}`)).name).toBe('New');

  await openai.files.delete(c);
  expect((await ask('GET', `/assistants/${assistant.id}`)).file_ids).toEqual([]);
  await expect(ask('POST', at, { file_id: c })).rejects.toThrow(`404 No such File object: ${c}`);
  await expect(ask('GET', `${at}/${c}`)).rejects.toThrow('404');
  await expect(ask('POST', '/assistants', { model: 'm', file_ids: 'x' })).rejects.toThrow("'file_ids'");
});

test('a thread of v1 takes files without end; Python finds the newest twenty, and v2 still refuses more', async () => {
  const { ask, upload, threads, assistant } = start();
  const files = await Promise.all(Array.from({ length: 30 }, (_, index) => upload(`${index}.csv`)));
  const message = (from: number) => ({
    role: 'user' as const,
    content: 'x',
    file_ids: files.slice(from, from + 10),
  });
  const listed = async (id: string) =>
    (await threads.retrieve(id)).tool_resources!.code_interpreter!.file_ids!;
  const thread = await ask('POST', '/threads', { messages: [message(0), message(10), message(20)] });
  expect(await listed(thread.id)).toEqual(files.slice(10));
  expect((await ask('POST', `/threads/${thread.id}/messages`, message(0))).file_ids).toHaveLength(10);
  expect((await listed(thread.id)).toSorted()).toEqual(
    [...files.slice(20), ...files.slice(0, 10)].toSorted(),
  );
  const assistant_id = await assistant();
  const run = await ask('POST', '/threads/runs', {
    assistant_id,
    thread: { messages: [message(0), message(10), message(20)] },
  });
  expect(await listed(run.thread_id)).toEqual(files.slice(10));

  const attachments = files
    .slice(10, 11)
    .map((file_id) => ({ file_id, tools: [{ type: 'code_interpreter' as const }] }));
  await expect(
    threads.messages.create(thread.id, { role: 'user', content: 'x', attachments }),
  ).rejects.toMatchObject({ status: 400, message: expect.stringContaining('at most 20 files') });
});

test('files of a v1 assistant find room beside twenty that v2 has given it', async () => {
  const { ask, upload, openai } = start();
  const files = await Promise.all(Array.from({ length: 22 }, (_, index) => upload(`${index}.csv`)));
  const { id } = await openai.beta.assistants.create({
    model: 'm',
    tools: [{ type: 'code_interpreter' }],
    tool_resources: { code_interpreter: { file_ids: files.slice(0, 20) } },
  });
  const own = files.slice(20);
  expect((await ask('POST', `/assistants/${id}`, { file_ids: own })).file_ids).toEqual(own);
  const { tool_resources } = await openai.beta.assistants.retrieve(id);
  expect(tool_resources!.code_interpreter!.file_ids).toEqual(files.slice(2));
});

test('files that are attached side by side are all there in the end', async () => {
  const { ask, upload } = start();
  const { id } = await ask('POST', '/assistants', { model: 'm', tools: [{ type: 'code_interpreter' }] });
  const files = await Promise.all(Array.from({ length: 8 }, (_, index) => upload(`${index}.csv`)));
  await Promise.all(files.map((file_id) => ask('POST', `/assistants/${id}/files`, { file_id })));
  expect((await ask('GET', `/assistants/${id}`)).file_ids.toSorted()).toEqual(files.toSorted());
});

test('a tool that is added later finds the files that were there', async () => {
  const { ask, upload, openai } = start();
  const file = await upload('a.csv');
  const { id } = await ask('POST', '/assistants', { model: 'm', file_ids: [file] });
  expect((await openai.beta.assistants.retrieve(id)).tool_resources?.code_interpreter).toBeUndefined();
  await ask('POST', `/assistants/${id}`, { tools: [{ type: 'code_interpreter' }] });
  expect((await openai.beta.assistants.retrieve(id)).tool_resources).toMatchObject({
    code_interpreter: { file_ids: [file] },
  });
});

test('files of a message are attachments in v2, in a message and in the messages of a new thread', async () => {
  const { ask, upload, openai } = start();
  const file = await upload('notes.txt');
  const thread = await ask('POST', '/threads', {
    messages: [{ role: 'user', content: 'Look', file_ids: [file] }],
  });
  const [message] = (await ask('GET', `/threads/${thread.id}/messages`)).data;
  expect(message).toMatchObject({ file_ids: [file] });
  expect(message).not.toHaveProperty('attachments');
  const at = `/threads/${thread.id}/messages/${message.id}/files`;
  const attached = { id: file, object: 'thread.message.file', message_id: message.id };
  expect((await ask('GET', at)).data).toMatchObject([attached]);
  expect(await ask('GET', `${at}/${file}`)).toMatchObject(attached);
  await expect(ask('GET', `${at}/file-x`)).rejects.toThrow('404 No such File object: file-x');
  const [inV2] = (await openai.beta.threads.messages.list(thread.id)).data;
  expect(inV2!.attachments).toEqual([
    { file_id: file, tools: [{ type: 'code_interpreter' }, { type: 'file_search' }] },
  ]);
  expect((await openai.beta.threads.retrieve(thread.id)).tool_resources?.code_interpreter?.file_ids).toEqual([
    file,
  ]);
  const more = { role: 'user', content: 'More', file_ids: Array.from({ length: 11 }, (_, n) => `file-${n}`) };
  await expect(ask('POST', `/threads/${thread.id}/messages`, more)).rejects.toThrow("400 Invalid 'file_ids'");
});

test('streams speak v1 as well, frame by frame, with the ids of the events', async () => {
  const { ask, send, model } = start([{ parts: [{ text: ['No', 'pe.'], refusal: true }] }]);
  const assistant = await ask('POST', '/assistants', { model: 'm', tools: [{ type: 'retrieval' }] });
  const response = await send('POST', '/threads/runs', {
    assistant_id: assistant.id,
    thread: { messages: [{ role: 'user', content: 'Hi' }] },
    stream: true,
  });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = parseEvents(await response.text());
  expect(events.map(({ id }) => Number(id))).toEqual(events.map((_, index) => index));
  const find = (name: string) => events.find(({ event }) => event === name)!.data;
  expect(find('thread.created')).not.toHaveProperty('tool_resources');
  expect(find('thread.run.created')).toMatchObject({ tools: [{ type: 'retrieval' }], file_ids: [] });
  expect(find('thread.run.step.created').expires_at).toBe(find('thread.run.created').expires_at);
  expect(find('thread.message.delta').delta.content[0]).toMatchObject({
    type: 'text',
    text: { value: 'No' },
  });
  expect(find('thread.message.completed').content).toEqual([
    { type: 'text', text: { value: 'Nope.', annotations: [] } },
  ]);
  expect(find('thread.run.completed').status).toBe('completed');
  expect(model.calls).toHaveLength(1);
});

test('retrieval is file search: files of the assistant are found, and cited with a quote', async () => {
  const { ask, send, upload, openai } = start([
    { parts: [{ call: 'file_search', input: { query: 'capital' } }] },
    (prompt) => {
      const found = JSON.stringify(prompt.at(-1)!.content);
      return `It is Berlin ${/【\d+:\d+†[^】]*】/.exec(found)![0]}.`;
    },
  ]);
  const text = `The capital of Germany is Berlin. ${'It has many bridges over the Spree. '.repeat(20)}`;
  const file = await upload('germany.txt', text);
  const other = await upload('spain.txt', 'The capital of Spain is Madrid.');
  const assistant = await ask('POST', '/assistants', {
    model: 'm',
    tools: [{ type: 'retrieval' }],
    file_ids: [file],
  });
  const { tool_resources } = await openai.beta.assistants.retrieve(assistant.id);
  const store = tool_resources!.file_search!.vector_store_ids![0]!;
  const inStore = async () => {
    const { data } = await openai.vectorStores.files.list(store);
    return data.map(({ id, status }) => `${id} ${status}`).toSorted();
  };
  await until(async () => (await inStore())[0] === `${file} completed`);
  await ask('POST', `/assistants/${assistant.id}/files`, { file_id: other });
  expect(await inStore()).toHaveLength(2);
  await ask('DELETE', `/assistants/${assistant.id}/files/${other}`);
  expect(await inStore()).toEqual([`${file} completed`]);

  const response = await send('POST', '/threads/runs', {
    assistant_id: assistant.id,
    thread: { messages: [{ role: 'user', content: 'What is the capital?' }] },
    stream: true,
  });
  const events = parseEvents(await response.text());
  const begun = events.find(({ event }) => event === 'thread.run.step.delta')!;
  expect(begun.data.delta.step_details.tool_calls[0]).toEqual({
    index: 0,
    id: expect.stringMatching(/^call_/),
    type: 'retrieval',
    retrieval: {},
  });
  const { data: run } = events.at(-1)!;
  const [, search] = (await ask('GET', `/threads/${run.thread_id}/runs/${run.id}/steps`)).data;
  expect(search.step_details.tool_calls).toEqual([
    { id: expect.any(String), type: 'retrieval', retrieval: {} },
  ]);
  const [message] = (await ask('GET', `/threads/${run.thread_id}/messages`)).data;
  const [annotation] = message.content[0].text.annotations;
  expect(annotation).toMatchObject({ type: 'file_citation', file_citation: { file_id: file } });
  expect(annotation.file_citation.quote).toMatch(/^The capital of Germany is Berlin\./);
  expect(text).toContain(annotation.file_citation.quote);
  expect(annotation.file_citation.quote.length).toBeLessThanOrEqual(300);
  const cited = events.findLast(({ event }) => event === 'thread.message.delta')!;
  expect(cited.data.delta.content[0].text.annotations[0].file_citation).toEqual(annotation.file_citation);
});

test('a run that is incomplete has failed, for clients that know no such status', async () => {
  const { ask, send } = start([{ parts: [{ text: 'Once upon' }], finish: 'length' }]);
  const assistant = await ask('POST', '/assistants', { model: 'm' });
  const response = await send('POST', '/threads/runs', { assistant_id: assistant.id, stream: true });
  const last = parseEvents(await response.text()).at(-1)!;
  expect(last).toMatchObject({
    event: 'thread.run.failed',
    data: {
      status: 'failed',
      last_error: {
        code: 'server_error',
        message: 'The run ended before its answer was complete (max_completion_tokens).',
      },
    },
  });
  const run = await ask('GET', `/threads/${last.data.thread_id}/runs/${last.data.id}`);
  expect(run.status).toBe('failed');
});

test('both dialects work on the same data, and other beta headers change nothing', async () => {
  const { ask, openai, engine } = start();
  const assistant = await openai.beta.assistants.create({ model: 'm', tools: [{ type: 'file_search' }] });
  expect((await ask('GET', '/assistants')).data).toMatchObject([
    { id: assistant.id, tools: [{ type: 'retrieval' }], file_ids: [] },
  ]);
  const old = await openai.beta.assistants.retrieve(assistant.id, {
    headers: { 'OpenAI-Beta': 'realtime=v1, assistants=v1' },
  });
  expect(old.tools).toEqual([{ type: 'retrieval' }]);
  for (const beta of ['assistants=v3', 'nonsense', '']) {
    const response = await engine.fetch(`http://engine.local/v1/assistants/${assistant.id}`, {
      headers: { 'openai-beta': beta },
    });
    expect(await response.json()).toEqual(assistant);
  }
  await expect(
    openai.beta.assistants.create({ model: 'm', tools: [{ type: 'retrieval' } as never] }),
  ).rejects.toBeInstanceOf(OpenAI.BadRequestError);
});

test('a key is asked for in v1 as in v2, and a request is logged once', async () => {
  const log = vi.fn<(level: string, message: string, fields?: Record<string, unknown>) => void>();
  const { engine } = startEngine({ model: scriptedModel([]), apiKey: 'secret', log });
  const list = (headers: Record<string, string>) =>
    engine.fetch('http://engine.local/v1/assistants', {
      headers: { 'openai-beta': 'assistants=v1', ...headers },
    });
  expect((await list({})).status).toBe(401);
  expect((await list({ authorization: 'Bearer secret' })).status).toBe(200);
  const requests = log.mock.calls.filter(([, message]) => message === 'request');
  expect(requests.map(([, , fields]) => fields)).toMatchObject([
    { status: 401 },
    { status: 200, path: '/v1/assistants' },
  ]);
});

test('errors are those of v2, and unknown routes stay unknown', async () => {
  const { ask, send } = start();
  await expect(ask('POST', '/assistants', {})).rejects.toThrow("400 Missing required parameter: 'model'.");
  await expect(ask('GET', '/assistants/asst_x')).rejects.toThrow('404 No assistant found');
  await expect(ask('GET', '/assistants/asst_x/files')).rejects.toThrow('404 No assistant found');
  expect((await send('GET', '/threads/x/nothing')).status).toBe(404);
  expect((await send('DELETE', '/threads/x')).status).toBe(404);
});
