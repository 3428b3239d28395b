import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostedItem } from '@use-assistant/test-kit';
import type OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { consume, outline } from '../test-support/consume.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { guide, hours, startHostedSearch, upload } from '../test-support/start-hosted-search.ts';

const include = ['step_details.tool_calls[*].file_search.results[*].content' as const];
const search: HostedItem = { search: 'shipping to Norway' };
const text = '😀 It takes five days. Ask us.';
const answer: HostedItem[] = [
  { reasoning: 'Look it up.' },
  search,
  { reasoning: 'Found.' },
  { text, quotes: [{ name: 'guide.txt', after: 'five days' }] },
];

test('a search at OpenAI becomes a step with our files, and a citation a marker at its place', async () => {
  const { threads, threadId, assistant_id, fileId, server } = await startHostedSearch(() => answer);
  const stream = threads.runs.stream(threadId, { assistant_id });
  const deltas: unknown[] = [];
  stream.on('runStepDelta', (delta) => void deltas.push(delta.step_details));
  const { events, run, steps, messages } = await consume(stream);
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  expect(new Set(outline(events))).toEqual(
    new Set([
      'run.created',
      'run.queued',
      'run.in_progress',
      'run.step.created',
      'run.step.in_progress',
      'run.step.delta',
      'run.step.completed',
      'message.created',
      'message.in_progress',
      'message.delta',
      'message.completed',
      'run.completed',
    ]),
  );
  const call = { id: expect.stringMatching(/^call_\w{24}$/), type: 'file_search' };
  expect(deltas).toEqual([{ type: 'tool_calls', tool_calls: [{ index: 0, ...call, file_search: {} }] }]);
  expect(steps[0]!.step_details).toEqual({
    type: 'tool_calls',
    tool_calls: [
      {
        ...call,
        file_search: {
          ranking_options: { ranker: 'default_2024_08_21', score_threshold: 0 },
          results: [{ file_id: fileId, file_name: 'guide.txt', score: 1 }],
        },
      },
    ],
  });
  const marker = '【1:0†guide.txt】';
  const value = text.replace('five days', `five days${marker}`);
  const start = value.indexOf(marker);
  expect(messages[0]!.content).toEqual([
    {
      type: 'text',
      text: {
        value,
        annotations: [
          {
            type: 'file_citation',
            text: marker,
            start_index: start,
            end_index: start + marker.length,
            file_citation: { file_id: fileId },
          },
        ],
      },
    },
  ]);

  const [request] = server.responses;
  expect(request!.tools).toEqual([{ type: 'file_search', vector_store_ids: ['vs_1'] }]);
  expect(request!.include).toEqual(['file_search_call.results']);
  expect(JSON.stringify(request!.input)).not.toContain('marker');
  const [store] = server.shelf.stores;
  expect(store!.settings['expires_after']).toEqual({ anchor: 'last_active_at', days: 7 });
  expect(store!.files).toMatchObject([
    {
      file_id: 'file-oai1',
      attributes: {},
      chunking_strategy: {
        type: 'static',
        static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 },
      },
    },
  ]);
  expect(server.shelf.uploads.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([guide]);
});

test('passages are shown only to those who ask, streamed and polled', async () => {
  const { threads, threadId, assistant_id } = await startHostedSearch(() => answer);
  const content = [{ type: 'text', text: 'Shipping to Norway takes five days.' }];
  const details = { tool_calls: [{ file_search: { results: [{ content }] } }] };
  const { steps } = await consume(threads.runs.stream(threadId, { assistant_id, include }));
  expect(steps[0]!.step_details).toMatchObject(details);
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  const address = { thread_id: threadId };
  const plain = await threads.runs.steps.list(run.id, address);
  expect(JSON.stringify(plain.data)).not.toContain('Norway');
  const full = await threads.runs.steps.list(run.id, { ...address, include });
  expect(full.data.at(-1)!.step_details).toMatchObject(details);
  const { data } = await threads.messages.list(threadId, { run_id: run.id });
  const [block] = data[0]!.content;
  // The second search of the thread.
  expect(block).toMatchObject({ text: { annotations: [{ text: '【2:0†guide.txt】' }] } });
});

test('the next process on the same data sends nothing again, and asks once whether all is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-search-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { threads, threadId, assistant_id, server, engine, again } = await startHostedSearch(() => answer, {
    storage: sqlite(folder),
  });
  await threads.runs.createAndPoll(threadId, { assistant_id });
  await engine.close();
  const before = server.requests.length;
  const next = again({ storage: sqlite(folder) });
  const { run, messages } = await consume(next.threads.runs.stream(threadId, { assistant_id }));
  expect(run.status).toBe('completed');
  expect(JSON.stringify(messages[0]!.content)).toContain('【2:0†guide.txt】');
  expect(server.requests.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /vector_stores/vs_1',
    'POST /responses',
  ]);
});

test('a mirror is made at first need, and gets only what is missing', async () => {
  const { openai, threads, threadId, assistant_id, server } = await startHostedSearch(() => answer);
  expect(server.requests).toEqual([]);
  await threads.runs.createAndPoll(threadId, { assistant_id });
  const file_id = await upload(openai, 'hours.csv', hours);
  const attachments = [{ file_id, tools: [{ type: 'file_search' as const }] }];
  await threads.messages.create(threadId, { role: 'user', content: 'And?', attachments });
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.status).toBe('completed');
  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /vector_stores',
    'POST /files',
    'POST /vector_stores/vs_1/file_batches',
    'GET /vector_stores/vs_1',
    'POST /responses',
    'GET /vector_stores/vs_1',
    'POST /files',
    'POST /vector_stores/vs_1/file_batches',
    'GET /vector_stores/vs_1',
    'POST /responses',
  ]);
  // OpenAI goes by the name, and does not know that a table is text.
  expect(server.shelf.uploads.map(({ filename }) => filename)).toEqual(['guide.txt', 'hours.csv.txt']);
});

test('what OpenAI finds bears the name that the file has here', async () => {
  const { openai, threads, assistant_id } = await startHostedSearch(() => [
    { search: 'open' },
    { text: 'On all days.', quotes: [{ name: 'hours.csv.txt', after: 'days' }] },
  ]);
  const file_id = await upload(openai, 'hours.csv', hours);
  const attachments = [{ file_id, tools: [{ type: 'file_search' as const }] }];
  const thread = { messages: [{ role: 'user' as const, content: 'When?', attachments }] };
  const run = await threads.createAndRunPoll({ assistant_id, thread });
  const { data } = await threads.messages.list(run.thread_id, { run_id: run.id });
  expect(data[0]!.content).toMatchObject([
    {
      text: {
        value: 'On all days【1:0†hours.csv】.',
        annotations: [{ file_citation: { file_id } }],
      },
    },
  ]);
});

test('the stores of assistant and thread are searched together, with the settings of the tool', async () => {
  const { openai, threads, thread, searcher, server } = await startHostedSearch(() => [
    { search: 'days open Norway' },
    { text: 'Done.' },
  ]);
  const file_search = {
    max_num_results: 2,
    ranking_options: { score_threshold: 0.1, ranker: 'auto' as const },
  };
  const assistant_id = await searcher(
    [await upload(openai, 'hours.txt', hours)],
    [{ type: 'file_search', file_search }],
  );
  const threadId = await thread();
  const attachments = [
    { file_id: await upload(openai, 'guide.txt', guide), tools: [{ type: 'file_search' as const }] },
  ];
  await threads.messages.create(threadId, { role: 'user', content: 'See', attachments });
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  const steps = await threads.runs.steps.list(run.id, { thread_id: threadId, order: 'asc' });
  expect(steps.data[0]!.step_details).toMatchObject({
    tool_calls: [
      {
        file_search: {
          ranking_options: { score_threshold: 0.1 },
          results: [{ file_name: 'hours.txt' }, { file_name: 'guide.txt' }],
        },
      },
    ],
  });
  expect(server.responses[0]!.tools).toEqual([
    {
      type: 'file_search',
      vector_store_ids: ['vs_1', 'vs_2'],
      max_num_results: 2,
      ranking_options: { ranker: 'auto', score_threshold: 0.1 },
    },
  ]);
});

test('without files the function of the engine answers, and nothing is made at OpenAI', async () => {
  const { threads, thread, assistant_id, server } = await startHostedSearch((_, turn) =>
    turn === 0 ? [{ call: 'file_search', arguments: { query: 'Norway' } }] : [{ text: 'Nothing.' }],
  );
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id });
  expect(run.status).toBe('completed');
  expect(server.responses[0]!.tools).toMatchObject([{ type: 'function', name: 'file_search' }]);
  expect(JSON.stringify(server.responses[1]!.input)).toContain('No passage was found.');
  expect(server.requests.map(({ path }) => path)).toEqual(['/responses', '/responses']);
});

test('Python, a search and a function stand in one run, and go back as references', async () => {
  const { threads, threadId, assistant, server } = await startHostedSearch((_, turn) =>
    turn === 0
      ? [
          search,
          { code: 'print(1)', logs: '1\n', files: { 'a.csv': '1' } },
          { call: 'weather', arguments: { city: 'Oslo' } },
        ]
      : [
          {
            text: 'Five days, see sandbox:/mnt/data/a.csv.',
            quotes: [{ name: 'guide.txt', after: 'Five days' }],
          },
        ],
  );
  const assistant_id = await assistant({
    model: 'gpt-5',
    tools: [
      { type: 'code_interpreter' },
      { type: 'file_search' },
      { type: 'function', function: { name: 'weather' } },
    ],
  });
  const first = await consume(threads.runs.stream(threadId, { assistant_id }));
  expect(first.run.status).toBe('requires_action');
  const [call] = first.run.required_action!.submit_tool_outputs.tool_calls;
  const { run, messages } = await consume(
    threads.runs.submitToolOutputsStream(first.run.id, {
      thread_id: threadId,
      tool_outputs: [{ tool_call_id: call!.id, output: 'Sun' }],
    }),
  );
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  expect(messages[0]!.content).toMatchObject([
    {
      text: {
        value: 'Five days【1:0†guide.txt】, see sandbox:/mnt/data/a.csv.',
        annotations: [{ type: 'file_citation' }, { type: 'file_path' }],
      },
    },
  ]);
  const input = server.responses[1]!.input.map(
    ({ type, role, id }) => id?.replace(/_\d+$/, '') ?? type ?? role,
  );
  expect(input.slice(-4)).toEqual(['fs', 'ci', 'function_call', 'function_call_output']);
});

test.for([
  ['early', '😀 It takes five days【1:0†guide.txt】. Ask us.'],
  ['late', '😀 It takes five days. Ask us.【1:0†guide.txt】'],
] as const)('a citation that OpenAI tells of %s is not lost', async ([comes, value]) => {
  const quote = { name: 'guide.txt', after: 'five days', comes };
  const { threads, threadId, assistant_id } = await startHostedSearch(() => [
    search,
    // The same once more, and one of a file that is not there.
    { text, quotes: [quote, quote, { name: 'none.txt', after: 'It' }] },
  ]);
  const { messages } = await consume(threads.runs.stream(threadId, { assistant_id }));
  expect(messages[0]!.content).toMatchObject([{ text: { value } }]);
});

test('a search in the dialect of 2023 is quoted', async () => {
  const { events, threads, threadId, assistant_id } = await startHostedSearch(() => answer);
  const body = JSON.stringify({ assistant_id, stream: true });
  const headers = { 'openai-beta': 'assistants=v1' };
  await events(`/threads/${threadId}/runs`, { method: 'POST', body, headers });
  const { data } = await threads.messages.list(threadId, {}, { headers: { 'OpenAI-Beta': 'assistants=v1' } });
  expect(data[0]!.content).toMatchObject([
    {
      text: {
        annotations: [{ file_citation: { quote: 'Shipping to Norway takes five days.' } }],
      },
    },
  ]);
});

test('a choice of file search forces the tool of OpenAI', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(() => answer);
  await threads.runs.createAndPoll(threadId, { assistant_id, tool_choice: { type: 'file_search' } });
  const [request] = server.responses;
  expect(request!.tools!.map(({ type }) => type)).toEqual(['file_search']);
  expect(request!.tool_choice).toBe('required');
});

test('what a run needs is sent once, however many threads need it at a time', async () => {
  const { openai, threads, searcher, thread, server } = await startHostedSearch(() => answer);
  const file_ids = [await upload(openai, 'guide.txt', guide), await upload(openai, 'hours.txt', hours)];
  const assistant_id = await searcher(file_ids);
  const ids = await Promise.all([thread(), thread(), thread()]);
  const runs: OpenAI.Beta.Threads.Run[] = await Promise.all(
    ids.map((id) => threads.runs.createAndPoll(id, { assistant_id }, { pollIntervalMs: 5 })),
  );
  expect(runs.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed']);
  expect(server.shelf.stores).toHaveLength(1);
  expect(server.shelf.uploads).toHaveLength(2);
});

test('markers move nothing that OpenAI has counted: files of Python are cited where they stand', async () => {
  const link = 'sandbox:/mnt/data/guide.txt';
  const { threads, threadId, assistant, fileId } = await startHostedSearch(() => [
    search,
    { code: 'write()', files: { 'guide.txt': 'made' } },
    {
      text: `😀 Five days. My guide.txt is ${link}, and that is all.`,
      quotes: [{ name: 'guide.txt', after: 'Five days' }],
      cites: ['guide.txt'],
    },
  ]);
  const assistant_id = await assistant({
    model: 'gpt-5',
    tools: [{ type: 'code_interpreter' }, { type: 'file_search' }],
  });
  const { messages } = await consume(threads.runs.stream(threadId, { assistant_id }));
  const [block] = messages[0]!.content;
  const [made] = messages[0]!.attachments!;
  expect(block!.type === 'text' && block!.text.annotations).toMatchObject([
    { type: 'file_citation', text: '【1:0†guide.txt】', file_citation: { file_id: fileId } },
    { type: 'file_path', text: link, file_path: { file_id: made!.file_id } },
  ]);
});

test("OpenAI's search stands beside Python of ours, and our search beside its Python", async () => {
  const python: HostedItem = { call: 'code_interpreter', arguments: { code: 'print(1)' } };
  const ours = await startHostedSearch((_, turn) => (turn === 0 ? [search, python] : [{ text }]), {
    codeInterpreter: fakeInterpreter(() => ({ logs: '1\n' })),
  });
  const theirs = await startHostedSearch(
    (_, turn) =>
      turn === 0
        ? [
            { code: 'print(1)', logs: '1\n' },
            { call: 'file_search', arguments: { query: 'Norway' } },
          ]
        : [{ text: 'Five days【1:0†guide.txt】.' }],
    { fileSearch: undefined },
  );
  for (const { threads, threadId, assistant } of [ours, theirs]) {
    const tools = [{ type: 'code_interpreter' as const }, { type: 'file_search' as const }];
    const assistant_id = await assistant({ model: 'gpt-5', tools });
    const { run, steps } = await consume(threads.runs.stream(threadId, { assistant_id }));
    expect(run.last_error).toBeNull();
    const calls = steps.flatMap(({ step_details: details }) =>
      details.type === 'tool_calls' ? details.tool_calls : [],
    );
    expect(calls.find(({ type }) => type === 'code_interpreter')).toMatchObject({
      code_interpreter: { input: 'print(1)', outputs: [{ logs: '1\n' }] },
    });
    expect(calls.find(({ type }) => type === 'file_search')).toMatchObject({
      file_search: { results: [{ file_name: 'guide.txt' }] },
    });
  }
  const kinds = [ours, theirs].map(({ server }) => server.responses[0]!.tools!.map(({ type }) => type));
  expect(kinds).toEqual([
    ['function', 'file_search'],
    ['code_interpreter', 'function'],
  ]);
  expect(JSON.stringify(theirs.server.responses[0]!.input)).toContain('marker');
});

test('an answer that must be JSON stays JSON: it has no markers', async () => {
  const json = '{"days":5}';
  const { threads, threadId, assistant_id } = await startHostedSearch(() => [
    search,
    { text: json, quotes: [{ name: 'guide.txt', after: '5' }] },
  ]);
  const response_format = { type: 'json_object' as const };
  const { messages, steps } = await consume(threads.runs.stream(threadId, { assistant_id, response_format }));
  expect(messages[0]!.content).toMatchObject([{ text: { value: json, annotations: [] } }]);
  expect(steps[0]!.step_details).toMatchObject({ tool_calls: [{ file_search: { results: [{}] } }] });
});
