import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine, until } from '../test-support/start-engine.ts';

const weather = { type: 'function' as const, function: { name: 'weather' } };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('after a restart everything is there: objects, file bytes, events, and the thread goes on', async () => {
  const directory = folder();
  const first = startEngine({ storage: sqlite(directory), model: scriptedModel(['Hello']) });
  const file = await first.openai.files.create({
    file: new File(['a,b\n'], 'data.csv'),
    purpose: 'assistants',
  });
  const thread_id = await first.thread('Hi');
  const assistant_id = await first.assistant();
  const run = await first.threads.runs.createAndPoll(thread_id, { assistant_id });
  const path = `/threads/${thread_id}/runs/${run.id}/stream`;
  const sent = await first.events(path);
  await first.engine.close();

  const model = scriptedModel(['Hello again']);
  const second = startEngine({ storage: sqlite(directory), model });
  expect(await second.threads.runs.retrieve(run.id, { thread_id })).toEqual(run);
  expect(await second.events(path)).toEqual(sent);
  expect(await (await second.openai.files.content(file.id)).text()).toBe('a,b\n');
  const next = await second.threads.runs.createAndPoll(thread_id, { assistant_id });
  expect(next.status).toBe('completed');
  expect(model.prompts[0]!.map(({ role }) => role)).toEqual(['user', 'assistant']);
});

test('a run of a dead process is failed with what its message had, and its thread is free', async () => {
  const directory = folder();
  // An engine that is never closed stands for the dead process: its heartbeat is made to stop.
  const dead = startEngine({
    storage: sqlite(directory),
    model: scriptedModel([{ parts: [{ text: ['Once ', 'upon '] }, { hang: true }] }]),
  });
  const thread_id = await dead.thread();
  const assistant_id = await dead.assistant();
  const run = await dead.threads.runs.create(thread_id, { assistant_id });
  const path = `/threads/${thread_id}/runs/${run.id}/stream`;
  const response = await dead.engine.fetch(`http://engine.local/v1${path}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('upon ')) text += (await reader.read()).value;
  await reader.cancel();
  await forgetOwners(directory);

  const { threads, events } = startEngine({ storage: sqlite(directory), model: scriptedModel(['Hello']) });
  const failed = await threads.runs.retrieve(run.id, { thread_id });
  expect(failed).toMatchObject({
    status: 'failed',
    last_error: { code: 'server_error', message: 'The engine stopped during the run.' },
  });
  const replay = await events(path);
  expect(replay.slice(-3).map(({ event }) => event)).toEqual([
    'thread.message.incomplete',
    'thread.run.step.failed',
    'thread.run.failed',
  ]);
  expect(replay.at(-3)!.data).toMatchObject({
    content: [{ type: 'text', text: { value: 'Once upon ' } }],
    incomplete_details: { reason: 'run_failed' },
  });
  await threads.messages.create(thread_id, { role: 'user', content: 'Go on' });
});

async function forgetOwners(directory: string): Promise<void> {
  const storage = await sqlite(directory).open();
  await storage.database
    .updateTable('owners')
    .set({ id: 'engine_dead', host: 'elsewhere', seen_at: 0 })
    .execute();
  await storage.close();
}

test('a second engine on the same folder leaves the runs of the first alone', async () => {
  const directory = folder();
  const go = Promise.withResolvers<void>();
  const model = scriptedModel([{ parts: [{ text: 'Once' }, { wait: go.promise }, { text: ' more' }] }]);
  const first = startEngine({ storage: sqlite(directory), model });
  const thread_id = await first.thread();
  const run = await first.threads.runs.create(thread_id, { assistant_id: await first.assistant() });
  await until(() => model.calls.length > 0);
  const second = startEngine({ storage: sqlite(directory), model: scriptedModel([]) });
  expect((await second.threads.runs.retrieve(run.id, { thread_id })).status).toBe('in_progress');
  go.resolve();
  await until(async () => (await second.threads.runs.retrieve(run.id, { thread_id })).status === 'completed');
});

test('a cancel by another engine ends the run, and hurts no other run of the engine that executes it', async () => {
  const directory = folder();
  const go = Promise.withResolvers<void>();
  const model = scriptedModel([
    {
      parts: [
        { text: 'Once' },
        { wait: go.promise },
        { text: ' more' },
        { call: 'code_interpreter', input: '' },
      ],
    },
    () => 'Fine',
  ]);
  const first = startEngine({ storage: sqlite(directory), model });
  const second = startEngine({ storage: sqlite(directory), model: scriptedModel([]) });
  const [thread_id, other, assistant_id] = await Promise.all([
    first.thread(),
    first.thread(),
    first.assistant(),
  ]);
  const run = await first.threads.runs.create(thread_id, { assistant_id });
  await until(() => model.calls.length > 0);
  expect((await second.threads.runs.cancel(run.id, { thread_id })).status).toBe('cancelling');
  go.resolve();
  expect((await first.threads.runs.createAndPoll(other, { assistant_id })).status).toBe('completed');
  await until(async () => (await second.threads.runs.retrieve(run.id, { thread_id })).status === 'cancelled');
  const told = await first.events(`/threads/${thread_id}/runs/${run.id}/stream`);
  expect(told.map(({ id }) => Number(id))).toEqual(told.map((_, index) => index));
  expect(told.map(({ event }) => event).filter((event) => event.startsWith('thread.run.c'))).toEqual([
    'thread.run.created',
    'thread.run.cancelling',
    'thread.run.cancelled',
  ]);
});

test('a reader of a run that another engine executes hears of its end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const directory = folder();
  const go = Promise.withResolvers<void>();
  const model = scriptedModel([{ parts: [{ text: 'Once' }, { wait: go.promise }, { text: ' more' }] }]);
  const first = startEngine({ storage: sqlite(directory), model });
  const second = startEngine({ storage: sqlite(directory), model: scriptedModel([]) });
  const thread_id = await first.thread();
  const run = await first.threads.runs.create(thread_id, { assistant_id: await first.assistant() });
  await until(() => model.calls.length > 0);
  const told = second.events(`/threads/${thread_id}/runs/${run.id}/stream`);
  go.resolve();
  await until(async () => (await first.threads.runs.retrieve(run.id, { thread_id })).status === 'completed');
  await vi.advanceTimersByTimeAsync(5_000);
  expect((await told).at(-1)!.event).toBe('thread.run.completed');
});

test('a run that waits for outputs outlives the process and goes on in the next one', async () => {
  const directory = folder();
  const first = startEngine({
    storage: sqlite(directory),
    model: scriptedModel([{ parts: [{ call: 'weather', input: { city: 'Oslo' } }] }]),
  });
  const thread_id = await first.thread();
  const assistant_id = await first.assistant({ tools: [weather] });
  const run = await first.threads.runs.createAndPoll(thread_id, { assistant_id });
  await first.engine.close();

  const second = startEngine({ storage: sqlite(directory), model: scriptedModel(['Sunny.']) });
  const [call] = run.required_action!.submit_tool_outputs.tool_calls;
  const stream = second.threads.runs.submitToolOutputsStream(run.id, {
    thread_id,
    tool_outputs: [{ tool_call_id: call!.id, output: 'sun' }],
  });
  const done = await stream.finalRun();
  expect(done).toMatchObject({ status: 'completed', usage: { total_tokens: 30 } });
});

test('an engine that is closed during a run ends the run first', async () => {
  const directory = folder();
  const model = scriptedModel([{ parts: [{ text: 'Once' }, { hang: true }] }]);
  const first = startEngine({ storage: sqlite(directory), model });
  const thread_id = await first.thread();
  const run = await first.threads.runs.create(thread_id, { assistant_id: await first.assistant() });
  await until(() => model.calls.length > 0);
  await first.engine.close();
  const second = startEngine({ storage: sqlite(directory), model: scriptedModel([]) });
  expect(await second.threads.runs.retrieve(run.id, { thread_id })).toMatchObject({
    status: 'failed',
    last_error: { message: 'The engine was shut down during the run.' },
  });
});

test('files of a thread lie in the session again after a restart, the newest of each name', async () => {
  const directory = folder();
  const turns = () =>
    scriptedModel([{ parts: [{ call: 'code_interpreter', input: { code: 'x' } }] }, 'Done.']);
  const seen: Record<string, string>[] = [];
  const interpreter = () =>
    fakeInterpreter((_, { files }) => {
      seen.push(
        Object.fromEntries(Array.from(files, ([name, bytes]) => [name, Buffer.from(bytes).toString()])),
      );
      files.set('data.csv', Buffer.from('clean'));
      files.set('made.txt', Buffer.from('made'));
      return {};
    });
  const first = startEngine({ storage: sqlite(directory), model: turns(), codeInterpreter: interpreter() });
  const file = await first.openai.files.create({
    file: new File(['raw'], '../../data.csv'),
    purpose: 'assistants',
  });
  const assistant_id = await first.assistant({ tools: [{ type: 'code_interpreter' }] });
  const thread = await first.threads.create({
    messages: [
      {
        role: 'user',
        content: 'Clean it',
        attachments: [{ file_id: file.id, tools: [{ type: 'code_interpreter' }] }],
      },
    ],
  });
  expect(thread.tool_resources).toEqual({ code_interpreter: { file_ids: [file.id] } });
  await first.threads.runs.createAndPoll(thread.id, { assistant_id });
  await first.engine.close();

  const model = turns();
  const second = startEngine({ storage: sqlite(directory), model, codeInterpreter: interpreter() });
  await second.threads.runs.createAndPoll(thread.id, { assistant_id });
  expect(seen).toEqual([{ 'data.csv': 'raw' }, { 'data.csv': 'clean', 'made.txt': 'made' }]);
  const [system, user] = model.prompts[0]!;
  expect(system!.content).toContain('A Python for tests.');
  expect(user!.content).toEqual([
    { type: 'text', text: 'Clean it' },
    { type: 'text', text: 'Attached files:\n- /mnt/data/data.csv' },
  ]);
});
