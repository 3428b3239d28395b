import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { expect, test, vi } from 'vitest';
import type { EngineLog } from '../log.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine } from '../test-support/start-engine.ts';

const tools: OpenAI.Beta.AssistantTool[] = [
  { type: 'code_interpreter' },
  { type: 'file_search' },
  { type: 'function', function: { name: 'weather' } },
];
const py = { call: 'code_interpreter', input: { code: '1' } };
const search = { call: 'file_search', input: { query: 'alpha' } };
const weather = { call: 'weather', input: {} };

/** A thread with a file and a picture, whose run stands still in its first turn until it is let go. */
async function startRun(turns: ScriptedTurnSource[]) {
  const reached = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  const model = scriptedModel([
    () => {
      reached.resolve();
      return { parts: [{ text: 'One ' }, { wait: go.promise }, { text: 'moment.' }, search, py] };
    },
    ...turns,
  ]);
  const log = vi.fn<EngineLog>();
  const codeInterpreter = fakeInterpreter((_, { files }) => ({ logs: [...files.keys()].join() }));
  const started = startEngine({ model, log, codeInterpreter });
  const { openai, threads } = started;
  const upload = async (name: string) =>
    (await openai.files.create({ file: new File(['Alpha.'], name), purpose: 'assistants' })).id;
  const file = await upload('a.txt');
  const picture = await upload('a.png');
  const own = await upload('own.txt');
  const store = await openai.vectorStores.create({ file_ids: [own] });
  const { id: thread_id } = await threads.create({
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Go' },
          { type: 'image_file', image_file: { file_id: picture } },
        ],
        attachments: [{ file_id: file, tools: [{ type: 'code_interpreter' }, { type: 'file_search' }] }],
      },
    ],
  });
  const assistant_id = await started.assistant({
    tools,
    tool_resources: {
      code_interpreter: { file_ids: [own] },
      file_search: { vector_store_ids: [store.id] },
    },
  });
  const run = await threads.runs.create(thread_id, { assistant_id });
  const thread = await threads.retrieve(thread_id);
  const threadStore = thread.tool_resources!.file_search!.vector_store_ids![0]!;
  await reached.promise;
  const errors = () => log.mock.calls.filter(([level]) => level === 'error');
  const poll = () => threads.runs.poll(run.id, { thread_id }, { pollIntervalMs: 2 });
  return {
    ...started,
    model,
    run,
    thread_id,
    assistant_id,
    file,
    picture,
    own,
    store,
    threadStore,
    go,
    errors,
    poll,
  };
}

type Started = Awaited<ReturnType<typeof startRun>>;

const deletions: [string, (started: Started) => Promise<unknown>][] = [
  ['its assistant', ({ openai, assistant_id }) => openai.beta.assistants.delete(assistant_id)],
  ['a file of its thread', ({ openai, file }) => openai.files.delete(file)],
  ['a picture of its thread', ({ openai, picture }) => openai.files.delete(picture)],
  ['a file of its assistant', ({ openai, own }) => openai.files.delete(own)],
  ['the store of its assistant', ({ openai, store }) => openai.vectorStores.delete(store.id)],
  ['the store of its thread', ({ openai, threadStore }) => openai.vectorStores.delete(threadStore)],
  [
    'the message that it writes',
    async ({ threads, thread_id }) => {
      const [written] = (await threads.messages.list(thread_id)).data;
      expect(written!.role).toBe('assistant');
      await threads.messages.delete(written!.id, { thread_id });
    },
  ],
  [
    'the message that it answers',
    async ({ threads, thread_id }) => {
      const asked = (await threads.messages.list(thread_id)).data.at(-1)!;
      await threads.messages.delete(asked.id, { thread_id });
    },
  ],
  [
    'everything but its thread',
    async (started) => {
      for (const [, remove] of deletions.slice(0, 8)) await remove(started);
    },
  ],
];

test.each(deletions)('a run goes on to its end without %s, and its thread after it', async (_, remove) => {
  const started = await startRun([{ parts: [weather] }, 'Done.', 'Again.']);
  const { threads, thread_id, run, go, errors, poll, assistant } = started;
  await remove(started);
  go.resolve();
  const waiting = await poll();
  expect(waiting).toMatchObject({ status: 'requires_action', last_error: null });
  const [call] = waiting.required_action!.submit_tool_outputs.tool_calls;
  const tool_outputs = [{ tool_call_id: call!.id, output: 'sun' }];
  const ended = await threads.runs.submitToolOutputsAndPoll(run.id, { thread_id, tool_outputs });
  expect(ended).toMatchObject({ status: 'completed', last_error: null });
  const steps = await threads.runs.steps.list(run.id, { thread_id });
  expect(steps.data.map(({ status }) => status)).toEqual(steps.data.map(() => 'completed'));
  await threads.messages.create(thread_id, { role: 'user', content: 'Once more' });
  const next = await threads.runs.createAndPoll(thread_id, { assistant_id: await assistant({ tools }) });
  expect(next).toMatchObject({ status: 'completed', last_error: null });
  expect(errors()).toEqual([]);
});

test.each(deletions)('a run that waits for outputs can be cancelled without %s', async (_, remove) => {
  const started = await startRun([{ parts: [weather] }]);
  const { threads, thread_id, run, go, errors, poll } = started;
  await remove(started);
  go.resolve();
  expect((await poll()).status).toBe('requires_action');
  await threads.runs.cancel(run.id, { thread_id });
  expect((await poll()).status).toBe('cancelled');
  expect(errors()).toEqual([]);
});

test.each(['in_progress', 'requires_action'])(
  'a thread that is deleted while its run is %s takes the run along; every later word of it is a 404',
  async (status) => {
    const started = await startRun([{ parts: [weather] }]);
    const { threads, thread_id, run, go, errors, poll, engine, model } = started;
    if (status === 'requires_action') {
      go.resolve();
      await poll();
    }
    expect((await threads.runs.retrieve(run.id, { thread_id })).status).toBe(status);
    const stream = await engine.fetch(`http://engine.local/v1/threads/${thread_id}/runs/${run.id}/stream`);
    await threads.delete(thread_id);
    go.resolve();
    expect(await stream.text()).toMatch(/event: done\ndata: \[DONE\]\n\n$/);
    expect(model.calls[0]!.abortSignal!.aborted).toBe(status === 'in_progress');
    const path = { thread_id };
    for (const ask of [
      () => threads.retrieve(thread_id),
      () => threads.delete(thread_id),
      () => threads.runs.retrieve(run.id, path),
      () => threads.runs.cancel(run.id, path),
      () => threads.runs.submitToolOutputs(run.id, { ...path, tool_outputs: [] }),
      () => threads.runs.steps.list(run.id, path),
      () => threads.messages.list(thread_id),
      () => threads.messages.create(thread_id, { role: 'user', content: 'x' }),
    ]) {
      await expect(ask()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    }
    expect(errors()).toEqual([]);
  },
);
