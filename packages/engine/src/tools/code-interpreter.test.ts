import { bubblewrap, bubblewrapRefusal, pyodide, pyodideRefusal } from '@use-assistant/interpreter';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EngineLog } from '../log.ts';
import { blobMemory } from '../storage/blobs.ts';
import type { BlobStore, Storage } from '../storage/port.ts';
import type { Database } from '../storage/records.ts';
import { sqlite } from '../storage/sqlite.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine } from '../test-support/start-engine.ts';
import { CodeSessions } from './code-interpreter.ts';

const code = `
import csv
rows = list(csv.DictReader(open('/mnt/data/data.csv')))
print(len(rows), 'rows')
open('/mnt/data/clean.csv', 'w').write('a\\n1\\n')
sum(int(row['a']) for row in rows)
`;

test.for([
  { driver: 'pyodide', create: () => pyodide(), refusal: pyodideRefusal() },
  { driver: 'bubblewrap', create: () => bubblewrap(), refusal: bubblewrapRefusal() },
])(
  'real Python ($driver) reads an attached file, prints, and makes one; its variables live on',
  {
    timeout: 60_000,
  },
  async ({ create, refusal }, { skip }) => {
    skip(refusal !== undefined, refusal);
    const model = scriptedModel([
      { parts: [{ call: 'code_interpreter', input: { code } }] },
      { parts: [{ call: 'code_interpreter', input: { code: 'len(rows) / 0' } }] },
      'See [the table](sandbox:/mnt/data/clean.csv).',
    ]);
    const { openai, threads, assistant } = startEngine({ model, codeInterpreter: create() });
    const file = await openai.files.create({
      file: new File(['a,b\n1,2\n3,4\n'], 'data.csv'),
      purpose: 'assistants',
    });
    const thread = await threads.create({
      messages: [
        {
          role: 'user',
          content: 'Sum',
          attachments: [{ file_id: file.id, tools: [{ type: 'code_interpreter' }] }],
        },
      ],
    });
    const assistant_id = await assistant({ tools: [{ type: 'code_interpreter' }] });
    const run = await threads.runs.createAndPoll(thread.id, { assistant_id });
    expect(run.status).toBe('completed');
    const results = model.prompts[2]!.filter(({ role }) => role === 'tool').map(({ content }) =>
      JSON.parse((content[0] as { output: { value: string } }).output.value),
    );
    expect(results[0]).toEqual({ output: '2 rows\n4', files: ['/mnt/data/clean.csv'] });
    expect(results[1].error).toContain('ZeroDivisionError');
    const { data } = await threads.messages.list(thread.id, { run_id: run.id });
    const [block] = data[0]!.content;
    const [annotation] = block!.type === 'text' ? block!.text.annotations : [];
    const made = annotation?.type === 'file_path' ? annotation.file_path.file_id : '';
    expect(data[0]!.attachments).toEqual([{ file_id: made, tools: [{ type: 'code_interpreter' }] }]);
    expect(await (await openai.files.content(made)).text()).toBe('a\n1\n');
  },
);

test('a session that rests for an hour is ended; the next run finds its files again', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const seen: string[][] = [];
  const interpreter = fakeInterpreter((_, { files }) => {
    seen.push([...files.keys()]);
    return { files: [] };
  });
  const blobs = blobMemory();
  await blobs.put('file-1', new TextEncoder().encode('a,b'));
  const sessions = new CodeSessions(() => interpreter, blobs);
  const origin = { threadId: 'thread_1', runId: 'run_1' };
  const inputs = [{ id: 'file-1', name: 'data.csv' }];
  const options = {
    signal: new AbortController().signal,
    onOutput: () => {},
    // Only files that code made are written to the database, and this code makes none.
    database: {} as Database,
  };
  await sessions.run(origin, '1', inputs, options);
  vi.advanceTimersByTime(59 * 60_000);
  await sessions.run(origin, '2', inputs, options);
  expect(interpreter.opened).toEqual(['thread_1']);
  vi.advanceTimersByTime(61 * 60_000);
  await sessions.run(origin, '3', inputs, options);
  expect(interpreter.opened).toEqual(['thread_1', 'thread_1']);
  expect(seen).toEqual([['data.csv'], ['data.csv'], ['data.csv']]);
  await sessions.close();
  expect(vi.getTimerCount()).toBe(0);
});

/** Storage whose bytes can be made to fail. */
function brokenBlobs(broken: { put?: boolean; read?: boolean }): Storage {
  return {
    async open() {
      const opened = await sqlite(':memory:').open();
      const { put, read } = opened.blobs;
      const blobs: BlobStore = {
        ...opened.blobs,
        put: (id, bytes) => (broken.put ? Promise.reject(new Error('disk gone')) : put(id, bytes)),
        read: (id) => (broken.read ? Promise.reject(new Error('disk gone')) : read(id)),
      };
      return { ...opened, blobs };
    },
  };
}

test.each([
  ['put', 'The files that Python made could not be stored.'],
  ['read', 'The files of the thread could not be brought into the code interpreter.'],
  ['session', 'The code interpreter could not be started.'],
  ['run', 'The code interpreter failed while it ran.'],
])('what fails around Python is named as what it is: %s', async (fault, message) => {
  const broken: { put?: boolean; read?: boolean } = {};
  const python = fakeInterpreter((_, { files }) => {
    if (fault === 'run') throw new Error('crash');
    files.set('out.csv', Buffer.from('1'));
    return {};
  });
  const log = vi.fn<EngineLog>();
  const { openai, threads, assistant } = startEngine({
    model: scriptedModel([{ parts: [{ call: 'code_interpreter', input: { code: '1' } }] }]),
    storage: brokenBlobs(broken),
    codeInterpreter:
      fault === 'session' ? { ...python, session: () => Promise.reject(new Error('no Python')) } : python,
    log,
  });
  const file = await openai.files.create({ file: new File(['1'], 'a.csv'), purpose: 'assistants' });
  const tool_resources = { code_interpreter: { file_ids: [file.id] } };
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Go' }], tool_resources });
  const assistant_id = await assistant({ tools: [{ type: 'code_interpreter' }] });
  Object.assign(broken, { [fault]: true });
  const run = await threads.runs.createAndPoll(id, { assistant_id });
  expect(run).toMatchObject({ status: 'failed', last_error: { code: 'server_error', message } });
  const warning = log.mock.calls.find(([level]) => level === 'warn');
  expect(warning).toMatchObject([
    'warn',
    `Run ${run.id} failed: ${message}`,
    { cause: expect.stringMatching(/disk gone|no Python|crash/) },
  ]);
});

test('a file that is deleted while its run begins is missing in Python, and the run goes on', async () => {
  const asked = Promise.withResolvers<void>();
  const mayOpen = Promise.withResolvers<void>();
  const python = fakeInterpreter(() => ({ logs: 'ran\n' }));
  const model = scriptedModel([{ parts: [{ call: 'code_interpreter', input: { code: '1' } }] }, 'Done.']);
  let sessions = 0;
  const { openai, threads, assistant } = startEngine({
    model,
    codeInterpreter: {
      ...python,
      async session(id) {
        // The first one only gets Python ready while the model writes; by the second the files are listed.
        if (++sessions === 2) {
          asked.resolve();
          await mayOpen.promise;
        }
        return python.session(id);
      },
    },
  });
  const file = await openai.files.create({ file: new File(['1'], 'a.csv'), purpose: 'assistants' });
  const tool_resources = { code_interpreter: { file_ids: [file.id] } };
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Go' }], tool_resources });
  const assistant_id = await assistant({ tools: [{ type: 'code_interpreter' }] });
  const run = await threads.runs.create(id, { assistant_id });
  await asked.promise;
  await openai.files.delete(file.id);
  mayOpen.resolve();
  const ended = await threads.runs.poll(run.id, { thread_id: id }, { pollIntervalMs: 5 });
  expect(ended.status).toBe('completed');
  const result = model.prompts[1]!.find(({ role }) => role === 'tool');
  expect(JSON.stringify(result)).toContain('[a.csv is not in /mnt/data: it was deleted.]');
});
