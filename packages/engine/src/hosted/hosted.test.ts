import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostedItem } from '@use-assistant/test-kit';
import type OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { consume, outline } from '../test-support/consume.ts';
import { startHosted } from '../test-support/start-hosted.ts';

const head = ['run.created', 'run.queued', 'run.in_progress'];
const codeStep = ['run.step.created', 'run.step.in_progress', 'run.step.delta', 'run.step.completed'];
const messageHead = ['run.step.created', 'run.step.in_progress', 'message.created', 'message.in_progress'];
const messageTail = ['message.delta', 'message.completed', 'run.step.completed'];

const png = Buffer.from('89504e470d0a1a0a', 'hex');
const plot: HostedItem = {
  code: 'import pandas\nprint("Grüße \\"😀\\"")',
  logs: 'Grüße "😀"\n',
  files: { 'trend.png': png, 'out/clean.csv': 'a\n1\n' },
};

test('Python at OpenAI becomes a code step, and its image and table files of our own', async () => {
  const text = 'Here 😀 is [the table](sandbox:/mnt/data/out/clean.csv).';
  const { openai, threads, thread, python, server } = await startHosted(() => [
    { reasoning: 'Draw it.' },
    plot,
    { text, cites: ['out/clean.csv', 'trend.png'] },
  ]);
  const assistant_id = await python();
  const { events, run, steps, messages } = await consume(
    threads.runs.stream(await thread(), { assistant_id }),
  );
  expect(outline(events)).toEqual([...head, ...codeStep, ...messageHead, ...messageTail, 'run.completed']);
  expect(run.usage).toEqual({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 });

  const [image, table] = messages[0]!.attachments!.map(({ file_id }) => file_id!);
  expect(steps[0]!.step_details).toEqual({
    type: 'tool_calls',
    tool_calls: [
      {
        id: expect.stringMatching(/^call_\w{24}$/),
        type: 'code_interpreter',
        code_interpreter: {
          input: 'import pandas\nprint("Grüße \\"😀\\"")',
          outputs: [
            { type: 'logs', logs: 'Grüße "😀"\n' },
            { type: 'image', image: { file_id: image } },
          ],
        },
      },
    ],
  });
  const link = 'sandbox:/mnt/data/out/clean.csv';
  expect(messages[0]!.content).toEqual([
    { type: 'image_file', image_file: { file_id: image } },
    {
      type: 'text',
      text: {
        value: text,
        annotations: [
          {
            type: 'file_path',
            text: link,
            start_index: text.indexOf(link),
            end_index: text.indexOf(link) + link.length,
            file_path: { file_id: table },
          },
        ],
      },
    },
  ]);
  expect(await openai.files.retrieve(table!)).toMatchObject({
    filename: 'clean.csv',
    purpose: 'assistants_output',
    bytes: 4,
  });
  expect(await (await openai.files.content(table!)).text()).toBe('a\n1\n');
  expect(Buffer.from(await (await openai.files.content(image!)).arrayBuffer())).toEqual(png);
  expect(server.responses[0]).toMatchObject({
    tools: [{ type: 'code_interpreter', container: 'cntr_1' }],
    include: ['code_interpreter_call.outputs'],
  });
});

/** A user message with a file for Python. */
async function attach(openai: OpenAI, name: string, content: string) {
  const file = await openai.files.create({ file: new File([content], name), purpose: 'assistants' });
  const tools = [{ type: 'code_interpreter' as const }];
  return {
    file,
    message: { role: 'user' as const, content: 'Look', attachments: [{ file_id: file.id, tools }] },
  };
}

/** The text of all that the model was shown. */
function shown(request: { input: unknown }): string {
  return JSON.stringify(request.input);
}

test('a thread keeps its container: a file is carried in once, before the model is asked', async () => {
  const { openai, threads, python, server } = await startHosted((_, turn) => [{ text: `Turn ${turn}.` }]);
  const assistant_id = await python();
  const { message } = await attach(openai, 'data.csv', 'a,b\n1,2\n');
  const { id } = await threads.create({ messages: [message] });
  await threads.runs.createAndPoll(id, { assistant_id });
  const { message: second } = await attach(openai, 'more.csv', 'c\n');
  await threads.messages.create(id, second);
  await threads.runs.createAndPoll(id, { assistant_id });

  expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /containers',
    'POST /containers/cntr_1/files',
    'POST /responses',
    'POST /containers/cntr_1/files',
    'POST /responses',
  ]);
  const [container] = server.containers;
  expect(container!.name).toBe(id);
  expect(container!.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
    ['/mnt/data/data.csv', 'a,b\n1,2\n'],
    ['/mnt/data/more.csv', 'c\n'],
  ]);
  expect(shown(server.responses[0]!)).toContain('- /mnt/data/data.csv');
});

test('the model is told where a file lies that OpenAI has stored under another name', async () => {
  const uploadPath = (name: string) => `/mnt/data/88e12f-${name}`;
  const { openai, threads, python, server } = await startHosted(() => [{ text: 'Yes.' }], { uploadPath });
  const { message } = await attach(openai, 'data.csv', 'a\n');
  const thread = { messages: [message] };
  await threads.createAndRunPoll({ assistant_id: await python(), thread });
  expect(shown(server.responses[0]!)).toContain('/mnt/data/data.csv lies at /mnt/data/88e12f-data.csv');
});

test('an expired container is made anew, with what was uploaded and what Python had made', async () => {
  const { openai, threads, python, server } = await startHosted((_, turn) =>
    turn === 0 ? [plot, { text: 'Done.' }] : [{ text: 'Again.' }],
  );
  const assistant_id = await python();
  const { message } = await attach(openai, 'data.csv', 'a\n');
  const { id } = await threads.create({ messages: [message] });
  await threads.runs.createAndPoll(id, { assistant_id });
  server.expireContainers();
  await threads.messages.create(id, { role: 'user', content: 'And now?' });
  const run = await threads.runs.createAndPoll(id, { assistant_id });
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  expect(server.containers[1]!.files.map(({ path }) => path)).toEqual([
    '/mnt/data/data.csv',
    '/mnt/data/trend.png',
    '/mnt/data/clean.csv',
  ]);
  const calls = server.responses.map(({ tools }) => tools![0]!.container);
  expect(calls).toEqual(['cntr_1', 'cntr_1', 'cntr_2']);
  expect(shown(server.responses[2]!)).toContain('/mnt/data/out/clean.csv lies at /mnt/data/clean.csv');
  // What was carried in again is nothing that Python made now.
  const { data } = await threads.messages.list(id, { run_id: run.id });
  expect(data.map(({ attachments }) => attachments)).toEqual([[]]);
});

test('a container that expired is noticed when a file is carried in, too', async () => {
  const { openai, threads, python, server } = await startHosted(() => [{ text: 'Yes.' }]);
  const assistant_id = await python();
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
  await threads.runs.createAndPoll(id, { assistant_id });
  server.expireContainers();
  await threads.messages.create(id, (await attach(openai, 'data.csv', 'a\n')).message);
  expect((await threads.runs.createAndPoll(id, { assistant_id })).status).toBe('completed');
  expect(server.containers[1]!.files.map(({ path }) => path)).toEqual(['/mnt/data/data.csv']);
});

test('files that nobody cites are found: linked where the text names them, attached in any case', async () => {
  const text = 'See [it](sandbox:/mnt/data/out/clean.csv).';
  const { threads, python, openai } = await startHosted(() => [
    { code: 'write()', files: { 'out/clean.csv': 'a\n', 'secret.txt': 'x', 'b.txt': 'y' } },
    { text },
  ]);
  const thread = { messages: [{ role: 'user' as const, content: 'Hi' }] };
  const run = await threads.createAndRunPoll({ assistant_id: await python(), thread });
  const { data } = await threads.messages.list(run.thread_id, { run_id: run.id });
  const names = await Promise.all(
    data[0]!.attachments!.map(async ({ file_id }) => (await openai.files.retrieve(file_id!)).filename),
  );
  expect(names).toEqual(['clean.csv', 'secret.txt', 'b.txt']);
  const [block] = data[0]!.content;
  expect(block).toMatchObject({
    text: {
      annotations: [
        {
          text: 'sandbox:/mnt/data/out/clean.csv',
          file_path: { file_id: data[0]!.attachments![0]!.file_id },
        },
      ],
    },
  });
});

test.for([false, true])(
  'several calls and texts of one answer become steps one after the other (mixed: %s)',
  async (interleaved) => {
    const { threads, python, thread } = await startHosted(() => ({
      interleaved,
      items: [
        { text: 'First I look at it.' },
        { code: 'print(1)', logs: '1\n', files: { 'a.csv': '1' } },
        { reasoning: 'Hm.' },
        { code: 'print("two and more of it")', logs: '2\n', files: { 'a.csv': '22' } },
        { text: 'All is sandbox:/mnt/data/a.csv and well.', cites: ['a.csv'] },
      ],
    }));
    const { events, text, steps, messages, run } = await consume(
      threads.runs.stream(await thread(), { assistant_id: await python() }),
    );
    expect(run.status).toBe('completed');
    expect(outline(events)).toEqual([
      ...head,
      ...messageHead,
      ...messageTail,
      ...codeStep,
      ...codeStep,
      ...messageHead,
      ...messageTail,
      'run.completed',
    ]);
    expect(text).toBe('First I look at it.All is sandbox:/mnt/data/a.csv and well.');
    const inputs = steps.flatMap(({ step_details: details }) =>
      details.type === 'tool_calls'
        ? details.tool_calls.map((call) => call.type === 'code_interpreter' && call.code_interpreter)
        : [],
    );
    expect(inputs).toEqual([
      { input: 'print(1)', outputs: [{ type: 'logs', logs: '1\n' }] },
      { input: 'print("two and more of it")', outputs: [{ type: 'logs', logs: '2\n' }] },
    ]);
    // Of one name the newest counts.
    expect(messages[1]!.attachments).toHaveLength(1);
  },
);

test('functions stand beside Python: their outputs go back with references to what OpenAI has done', async () => {
  const { threads, python, thread, server } = await startHosted((_, turn) =>
    turn === 0
      ? [
          { reasoning: 'First Python.' },
          { code: 'print(1)', logs: '1\n' },
          { reasoning: 'Now ask.' },
          { call: 'weather', arguments: { city: 'Ulm' } },
        ]
      : [{ text: 'Sunny.' }],
  );
  const threadId = await thread();
  const first = await consume(threads.runs.stream(threadId, { assistant_id: await python(['weather']) }));
  expect(first.run.status).toBe('requires_action');
  const [call] = first.run.required_action!.submit_tool_outputs.tool_calls;
  expect(call!.function).toEqual({ name: 'weather', arguments: '{"city":"Ulm"}' });
  const { run } = await consume(
    threads.runs.submitToolOutputsStream(first.run.id, {
      thread_id: threadId,
      tool_outputs: [{ tool_call_id: call!.id, output: 'Sun' }],
    }),
  );
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  const input = server.responses[1]!.input.map(
    ({ type, role, id }) => id?.replace(/_\d+$/, '') ?? type ?? role,
  );
  expect(input.slice(-5)).toEqual(['rs', 'ci', 'rs', 'function_call', 'function_call_output']);
});

test('texts that OpenAI numbers one by one become messages one by one, and go back once each', async () => {
  const { threads, python, thread, server } = await startHosted((_, turn) =>
    turn === 0
      ? [
          { reasoning: 'Hm.' },
          { text: 'Let me see.' },
          { text: 'I ask.' },
          { call: 'weather', arguments: {} },
        ]
      : [{ text: 'Sunny.' }],
  );
  const threadId = await thread();
  const first = await consume(threads.runs.stream(threadId, { assistant_id: await python(['weather']) }));
  expect(first.messages).toHaveLength(2);
  const tool_call_id = first.run.required_action!.submit_tool_outputs.tool_calls[0]!.id;
  const run = await threads.runs.submitToolOutputsAndPoll(first.run.id, {
    thread_id: threadId,
    tool_outputs: [{ tool_call_id, output: 'Sun' }],
  });
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  const references = server.responses[1]!.input.filter(({ type }) => type === 'item_reference');
  expect(references.map(({ id }) => id?.replace(/_\d+$/, ''))).toEqual(['rs', 'msg', 'msg']);
});

test.for(['code_interpreter', 'file_search'] as const)(
  'a choice of %s forces the tool that the model was given, whether it is of OpenAI or of ours',
  async (type) => {
    for (const codeInterpreter of [undefined, fakeInterpreter(() => ({}))]) {
      const { threads, assistant, thread, server } = await startHosted(
        () => [{ text: 'Done.' }],
        codeInterpreter && { codeInterpreter },
      );
      const tools = [{ type: 'code_interpreter' as const }, { type: 'file_search' as const }];
      const assistant_id = await assistant({ model: 'gpt-5', tools });
      await threads.runs.createAndPoll(await thread(), { assistant_id, tool_choice: { type } });
      const [request] = server.responses;
      expect(request!.tools!.map((tool) => tool.name ?? tool.type)).toEqual([type]);
      expect(request!.tool_choice).toBe('required');
    }
  },
);

test('a later run is told what Python did, and needs nothing that OpenAI may have forgotten', async () => {
  const { threads, python, server } = await startHosted((_, turn) =>
    turn === 0 ? [{ reasoning: 'Hm.' }, plot, { text: 'Done.' }] : [{ text: 'Again.' }],
  );
  const assistant_id = await python();
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
  await threads.runs.createAndPoll(id, { assistant_id });
  await threads.runs.createAndPoll(id, { assistant_id });
  const { input } = server.responses[1]!;
  expect(input.filter(({ type }) => type === 'item_reference')).toEqual([]);
  const call = input.find(({ type }) => type === 'function_call')!;
  expect(call).toMatchObject({ name: 'python' });
  expect(JSON.parse(call.arguments!)).toEqual({ code: (plot as { code: string }).code });
  const output = input.find(({ type }) => type === 'function_call_output')!;
  expect(JSON.parse(output.output as string)).toEqual({
    output: 'Grüße "😀"\n',
    files: ['/mnt/data/trend.png', '/mnt/data/out/clean.csv'],
  });
});

test('an answer that ends with Python shows its files in a message of their own', async () => {
  const { threads, python, thread } = await startHosted(() => [plot]);
  const { events, messages } = await consume(
    threads.runs.stream(await thread(), { assistant_id: await python() }),
  );
  expect(outline(events)).toEqual([...head, ...codeStep, ...messageHead, ...messageTail, 'run.completed']);
  expect(messages[0]!.attachments).toHaveLength(2);
  expect(messages[0]!.content.map(({ type }) => type)).toEqual(['image_file']);
});

test('an image that comes as data is stored, unless it is one of the files', async () => {
  const data = `data:image/png;base64,${png.toString('base64')}`;
  const other = Buffer.from('other');
  const { threads, python, thread, openai } = await startHosted(() => [
    {
      code: 'show()',
      images: [data, `data:image/png;base64,${other.toString('base64')}`, 'https://example.com/x.png'],
      files: { 'trend.png': png },
    },
    { text: 'Look.' },
  ]);
  const { messages, steps } = await consume(
    threads.runs.stream(await thread(), { assistant_id: await python() }),
  );
  const ids = messages[0]!.content.flatMap((block) =>
    block.type === 'image_file' ? block.image_file.file_id : [],
  );
  const bytes = await Promise.all(
    ids.map(async (id) => Buffer.from(await (await openai.files.content(id)).arrayBuffer())),
  );
  expect(bytes).toEqual([png, other]);
  expect(steps[0]!.step_details).toMatchObject({
    tool_calls: [
      { code_interpreter: { outputs: ids.map((file_id) => ({ type: 'image', image: { file_id } })) } },
    ],
  });
});

test('a file that Python changes is copied again', async () => {
  const { openai, threads, python } = await startHosted(() => [
    { code: 'change()', files: { 'data.csv': 'changed' } },
    { text: 'Done: sandbox:/mnt/data/data.csv', cites: ['data.csv'] },
  ]);
  const { message } = await attach(openai, 'data.csv', 'a\n');
  const thread = { messages: [message] };
  const run = await threads.createAndRunPoll({ assistant_id: await python(), thread });
  const { data } = await threads.messages.list(run.thread_id, { run_id: run.id });
  const [block] = data[0]!.content;
  const [annotation] = block!.type === 'text' ? block!.text.annotations : [];
  const made = annotation?.type === 'file_path' ? annotation.file_path.file_id : '';
  expect(await (await openai.files.content(made)).text()).toBe('changed');
});

test('a thread that is deleted takes its container along', async () => {
  const { threads, python, thread, server } = await startHosted(() => [{ text: 'Yes.' }]);
  const id = await thread();
  await threads.runs.createAndPoll(id, { assistant_id: await python() });
  await threads.delete(id);
  expect(server.containers[0]!.isDeleted).toBe(true);
});

test('an assistant without code interpreter costs no container', async () => {
  const { threads, thread, assistant, server } = await startHosted(() => [{ text: 'Yes.' }]);
  await threads.runs.createAndPoll(await thread(), { assistant_id: await assistant({ model: 'gpt-5' }) });
  expect(server.requests.map(({ path }) => path)).toEqual(['/responses']);
});

test('the container is known to the next process on the same data', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { threads, python, thread, server, engine, again } = await startHosted(
    () => [plot, { text: 'Yes.' }],
    {
      storage: sqlite(folder),
    },
  );
  const [id, assistant_id] = [await thread(), await python()];
  await threads.runs.createAndPoll(id, { assistant_id });
  await engine.close();
  const next = again({ storage: sqlite(folder) });
  await next.threads.runs.createAndPoll(id, { assistant_id });
  expect(server.containers).toHaveLength(1);
});
