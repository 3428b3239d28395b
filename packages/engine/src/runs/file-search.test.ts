import OpenAI, { toFile } from 'openai';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, test, vi } from 'vitest';
import type { EngineOptions } from '../create-engine.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine } from '../test-support/start-engine.ts';

const guide = 'Returns are free for thirty days.\n\nShipping to Norway takes five days.';

async function upload(openai: OpenAI, name = 'guide.txt', text = guide): Promise<string> {
  const { id } = await openai.files.create({
    file: await toFile(Buffer.from(text), name),
    purpose: 'assistants',
  });
  return id;
}

/** The marker of the first passage that the last search found, as the model sees it. */
const answerWith =
  (write: (citations: string[]) => string[]): ScriptedTurnSource =>
  (prompt) => {
    const [result] = prompt.at(-1)!.content as { output: { value: string } }[];
    const { results } = JSON.parse(result!.output.value) as { results: { citation: string }[] };
    return { parts: [{ text: write(results.map(({ citation }) => citation)) }] };
  };

const search = (query: string): ScriptedTurnSource => ({
  parts: [{ call: 'file_search', input: { query }, fragments: 3 }],
});

/** An engine with an assistant that may search files, and a thread whose message brings a guide. */
async function startSearch(turns: ScriptedTurnSource[], options: EngineOptions = {}) {
  const model = scriptedModel(turns);
  const started = startEngine({ model, ...options });
  const assistant_id = await started.assistant({ tools: [{ type: 'file_search' }] });
  const fileId = await upload(started.openai);
  const thread = await started.threads.create({
    messages: [
      {
        role: 'user',
        content: 'How long does shipping take?',
        attachments: [{ file_id: fileId, tools: [{ type: 'file_search' }] }],
      },
    ],
  });
  return { ...started, model, assistant_id, fileId, thread };
}

test('a search and a cited answer stream as the strict stream expects them', async () => {
  let marker = '';
  const { threads, thread, assistant_id, fileId, model } = await startSearch([
    search('shipping Norway'),
    answerWith(([first]) => {
      marker = first!;
      // Cut inside the marker, behind a letter of two code units.
      return ['😀 Five days ', marker.slice(0, 4), `${marker.slice(4)}. Nothing on 【9:9†none】.`];
    }),
  ]);
  const events: string[] = [];
  const stream = threads.runs.stream(thread.id, { assistant_id });
  const deltas: unknown[] = [];
  stream.on('event', ({ event }) => void events.push(event.replace('thread.', '')));
  stream.on('runStepDelta', (delta) => void deltas.push(delta.step_details));
  const annotated: unknown[] = [];
  stream.on('textDelta', (delta) => void annotated.push(...(delta.annotations ?? [])));
  await stream.done();
  expect(events).toEqual([
    'run.created',
    'run.queued',
    'run.in_progress',
    'run.step.created',
    'run.step.in_progress',
    'run.step.delta',
    'run.step.completed',
    'run.step.created',
    'run.step.in_progress',
    'message.created',
    'message.in_progress',
    ...Array.from({ length: 4 }, () => 'message.delta'),
    'message.completed',
    'run.step.completed',
    'run.completed',
  ]);
  const [step] = await stream.finalRunSteps();
  const call = {
    id: expect.stringMatching(/^call_\w{24}$/),
    type: 'file_search',
    file_search: {
      ranking_options: { ranker: 'default_2024_08_21', score_threshold: 0 },
      results: [{ file_id: fileId, file_name: 'guide.txt', score: expect.any(Number) }],
    },
  };
  expect(deltas).toEqual([
    { type: 'tool_calls', tool_calls: [{ index: 0, id: call.id, type: 'file_search', file_search: {} }] },
  ]);
  expect(step!.step_details).toEqual({ type: 'tool_calls', tool_calls: [call] });

  expect(marker).toBe('【1:0†guide.txt】');
  const value = `😀 Five days ${marker}. Nothing on 【9:9†none】.`;
  const start = value.indexOf(marker);
  const annotation = {
    type: 'file_citation',
    text: marker,
    start_index: start,
    end_index: start + marker.length,
    file_citation: { file_id: fileId },
  };
  const [message] = await stream.finalMessages();
  expect(message!.content).toEqual([{ type: 'text', text: { value, annotations: [annotation] } }]);
  expect(annotated).toEqual([{ index: 0, ...annotation }]);

  expect(model.calls[0]!.tools).toMatchObject([
    { name: 'file_search', inputSchema: { required: ['query'] } },
  ]);
  expect(model.prompts[0]![0]!.content).toContain('marker');
  expect(model.prompts[0]!.at(-1)!.content).toContainEqual({
    type: 'text',
    text: 'Files to search:\n- guide.txt',
  });
  const [asked] = model.prompts[1]!.at(-2)!.content as unknown as { input: unknown }[];
  expect(asked!.input).toEqual({ query: 'shipping Norway' });
});

test('passages are shown with a step only to those who ask for them, in streams as well', async () => {
  const { threads, thread, assistant_id } = await startSearch([
    search('Norway'),
    'Five days.',
    search('Norway'),
    'Five days.',
  ]);
  const include = ['step_details.tool_calls[*].file_search.results[*].content' as const];
  const stream = threads.runs.stream(thread.id, { assistant_id, include });
  const content = [{ type: 'text', text: guide }];
  const [streamed] = await stream.finalRunSteps();
  expect(streamed!.step_details).toMatchObject({
    tool_calls: [{ file_search: { results: [{ content }] } }],
  });
  const run = await threads.runs.createAndPoll(thread.id, { assistant_id });
  const address = { thread_id: thread.id };
  const plain = await threads.runs.steps.list(run.id, address);
  expect(JSON.stringify(plain.data)).not.toContain('Norway');
  const full = await threads.runs.steps.list(run.id, { ...address, include });
  expect(full.data.at(-1)!.step_details).toMatchObject({
    tool_calls: [{ file_search: { results: [{ content }] } }],
  });
  const one = await threads.runs.steps.retrieve(full.data.at(-1)!.id, {
    ...address,
    run_id: run.id,
    include,
  });
  expect(one).toEqual(full.data.at(-1));
  await expect(
    threads.runs.steps.list(run.id, { ...address, include: ['everything' as never] }),
  ).rejects.toMatchObject({ status: 400 });
});

test('the stores of assistant and thread are searched together, within the limits of the tool', async () => {
  const seen: number[] = [];
  const count: ScriptedTurnSource = (prompt) => {
    const [result] = prompt.at(-1)!.content as { output: { value: string } }[];
    seen.push((JSON.parse(result!.output.value) as { results: unknown[] }).results.length);
    return 'Done.';
  };
  const model = scriptedModel([search('days'), count, search('days'), count, search('zebra'), count]);
  const { openai, threads, assistant } = startEngine({ model });
  const files = [await upload(openai), await upload(openai, 'hours.txt', 'Open on all days.')];
  const stores = { file_ids: [files[0]!] };
  const assistant_id = await assistant({
    tools: [{ type: 'file_search' }],
    tool_resources: { file_search: { vector_stores: [{ ...stores, metadata: { of: 'assistant' } }] } },
  });
  const storeId = (await openai.beta.assistants.retrieve(assistant_id)).tool_resources!.file_search!
    .vector_store_ids![0]!;
  const store = await openai.vectorStores.retrieve(storeId);
  expect(store).toMatchObject({ metadata: { of: 'assistant' }, expires_at: null, file_counts: { total: 1 } });
  await openai.vectorStores.files.poll(storeId, files[0]!, { pollIntervalMs: 10 });

  const thread = await threads.create({
    messages: [{ role: 'user', content: 'Hi' }],
    tool_resources: { file_search: { vector_stores: [{ file_ids: [files[1]!] }] } },
  });
  const own = await openai.vectorStores.retrieve(thread.tool_resources!.file_search!.vector_store_ids![0]!);
  expect(own.expires_after).toEqual({ anchor: 'last_active_at', days: 7 });
  await threads.runs.createAndPoll(thread.id, { assistant_id });
  const tools = [{ type: 'file_search' as const, file_search: { max_num_results: 1 } }];
  await threads.runs.createAndPoll(thread.id, { assistant_id, tools });
  const strict = { max_num_results: 5, ranking_options: { score_threshold: 0.99 } };
  await threads.runs.createAndPoll(thread.id, {
    assistant_id,
    tools: [{ type: 'file_search', file_search: strict }],
  });
  expect(seen).toEqual([2, 1, 0]);
});

test('a word that no file has finds the beginnings of the files, with a score of nothing', async () => {
  const { threads, thread, assistant_id } = await startSearch([search('summary'), 'It is a guide.']);
  const run = await threads.runs.createAndPoll(thread.id, { assistant_id });
  const steps = await threads.runs.steps.list(run.id, { thread_id: thread.id });
  expect(steps.data.at(-1)!.step_details).toMatchObject({
    tool_calls: [{ file_search: { results: [{ file_name: 'guide.txt', score: 0 }] } }],
  });
});

test('searches, Python and functions of one turn work together; numbers of searches never repeat in a thread', async () => {
  const markers: string[] = [];
  const quote: ScriptedTurnSource = (prompt) => {
    for (const { content } of prompt.filter(({ role }) => role === 'tool')) {
      for (const part of content as { toolName: string; output: { value: string } }[]) {
        if (part.toolName !== 'file_search') continue;
        const { results } = JSON.parse(part.output.value) as { results: { citation: string }[] };
        markers.push(...results.map(({ citation }) => citation));
      }
    }
    return `See ${markers.join(' and ')}.`;
  };
  const model = scriptedModel([
    {
      parts: [
        { call: 'file_search', input: { query: 'returns' }, id: 'a' },
        { call: 'code_interpreter', input: { code: '1+1' }, id: 'b' },
        { call: 'file_search', input: { query: 'shipping' }, id: 'c' },
        { call: 'weather', input: {}, id: 'd' },
        { call: 'file_search', input: 'no json', id: 'e' },
      ],
    },
    quote,
    search('Norway'),
    quote,
  ]);
  const { openai, threads, assistant } = startEngine({
    model,
    codeInterpreter: fakeInterpreter(() => ({ value: '2' })),
  });
  const file_id = await upload(openai);
  const assistant_id = await assistant({
    tools: [
      { type: 'file_search' },
      { type: 'code_interpreter' },
      { type: 'function', function: { name: 'weather' } },
    ],
  });
  const attachments = [{ file_id, tools: [{ type: 'file_search' as const }] }];
  const thread = await threads.create({ messages: [{ role: 'user', content: 'Hi', attachments }] });
  const first = threads.runs.stream(thread.id, { assistant_id });
  await first.done();
  const run = await first.finalRun();
  expect(run.status).toBe('requires_action');
  const tool_call_id = run.required_action!.submit_tool_outputs.tool_calls[0]!.id;
  const second = threads.runs.submitToolOutputsStream(run.id, {
    thread_id: thread.id,
    tool_outputs: [{ tool_call_id, output: 'sunny' }],
  });
  const [message] = await second.finalMessages();
  const [step] = await second.finalRunSteps();
  expect(step!.step_details).toMatchObject({
    tool_calls: [
      { type: 'file_search', file_search: { results: [{ file_id }] } },
      { type: 'code_interpreter', code_interpreter: { input: '1+1', outputs: [{ logs: '2' }] } },
      { type: 'file_search', file_search: { results: [{ file_id }] } },
      { type: 'function', function: { output: 'sunny' } },
      { type: 'file_search', file_search: { results: [] } },
    ],
  });
  expect(markers).toEqual(['【1:0†guide.txt】', '【2:0†guide.txt】']);
  const texts = (of: OpenAI.Beta.Threads.Message | undefined) => {
    const [block] = of!.content;
    return block?.type === 'text' ? block.text.annotations.map(({ text }) => text) : [];
  };
  expect(texts(message)).toEqual(['【1:0†guide.txt】', '【2:0†guide.txt】']);

  await threads.messages.create(thread.id, { role: 'user', content: 'And Norway?' });
  await threads.runs.createAndPoll(thread.id, { assistant_id });
  // Of the first run the model sees what it said, not all that was found.
  expect(markers.slice(2)).toEqual(['【4:0†guide.txt】']);
  const { data } = await threads.messages.list(thread.id, { limit: 1 });
  expect(texts(data[0])).toEqual(['【1:0†guide.txt】', '【2:0†guide.txt】', '【4:0†guide.txt】']);
});

test('a file sent later joins the store of its thread; sent again it is not read again', async () => {
  const { openai, threads, thread, fileId } = await startSearch([]);
  const [storeId] = (await threads.retrieve(thread.id)).tool_resources!.file_search!.vector_store_ids!;
  const file = await openai.vectorStores.files.poll(storeId!, fileId, { pollIntervalMs: 10 });
  const second = await upload(openai, 'second.txt', 'Another file.');
  const tools = [{ type: 'file_search' as const }];
  await threads.messages.create(thread.id, {
    role: 'user',
    content: 'More',
    attachments: [
      { file_id: fileId, tools },
      { file_id: second, tools },
    ],
  });
  expect((await threads.retrieve(thread.id)).tool_resources).toEqual({
    file_search: { vector_store_ids: [storeId] },
  });
  await openai.vectorStores.files.poll(storeId!, second, { pollIntervalMs: 10 });
  const { data } = await openai.vectorStores.files.list(storeId!, { order: 'asc' });
  expect(data.map(({ id }) => id)).toEqual([fileId, second]);
  expect(data[0]).toEqual(file);
});

test('a run on a thread whose store has expired fails with a sentence, until files are sent anew', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const { openai, threads, thread, assistant_id, fileId } = await startSearch([
      search('Norway'),
      'Five days.',
      search('Norway'),
      'Five days.',
    ]);
    const [storeId] = (await threads.retrieve(thread.id)).tool_resources!.file_search!.vector_store_ids!;
    const day = 86_400_000;
    vi.setSystemTime(Date.now() + 6 * day);
    expect((await threads.runs.createAndPoll(thread.id, { assistant_id })).status).toBe('completed');
    // The run was a use: the week begins anew.
    vi.setSystemTime(Date.now() + 6 * day);
    expect((await openai.vectorStores.retrieve(storeId!)).status).toBe('completed');
    vi.setSystemTime(Date.now() + 2 * day);
    expect(await threads.runs.createAndPoll(thread.id, { assistant_id })).toMatchObject({
      status: 'failed',
      last_error: { code: 'server_error', message: `The vector store ${storeId} of the thread is expired.` },
    });
    const attachments = [{ file_id: fileId, tools: [{ type: 'file_search' as const }] }];
    await threads.messages.create(thread.id, { role: 'user', content: 'Again', attachments });
    expect((await threads.runs.createAndPoll(thread.id, { assistant_id })).status).toBe('completed');
  } finally {
    vi.useRealTimers();
  }
});

test('a run waits for the files of its thread, and a cancel ends the wait', async () => {
  let letGo = () => {};
  const embedded = new Promise<void>((resolve) => (letGo = resolve));
  const embedding: EngineOptions['embedding'] = {
    specificationVersion: 'v4',
    provider: 'test',
    modelId: 'slow',
    maxEmbeddingsPerCall: 100,
    supportsParallelCalls: true,
    async doEmbed({ values }) {
      await embedded;
      return { embeddings: values.map(() => [1, 0]), warnings: [] };
    },
  };
  const { threads, thread, assistant_id, model } = await startSearch([search('Norway'), 'Five days.'], {
    embedding,
  });
  const first = await threads.runs.create(thread.id, { assistant_id });
  await vi.waitFor(async () => {
    const run = await threads.runs.retrieve(first.id, { thread_id: thread.id });
    expect(run.status).toBe('in_progress');
  });
  expect(model.calls).toHaveLength(0);
  await threads.runs.cancel(first.id, { thread_id: thread.id });
  const cancelled = await threads.runs.poll(first.id, { thread_id: thread.id }, { pollIntervalMs: 10 });
  expect(cancelled.status).toBe('cancelled');
  expect(model.calls).toHaveLength(0);

  const second = await threads.runs.create(thread.id, { assistant_id });
  letGo();
  const run = await threads.runs.poll(second.id, { thread_id: thread.id }, { pollIntervalMs: 10 });
  expect(run.status).toBe('completed');
});
