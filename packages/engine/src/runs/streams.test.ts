import type OpenAI from 'openai';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { describe, expect, test } from 'vitest';
import { consume } from '../test-support/consume.ts';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine, until } from '../test-support/start-engine.ts';

const deltas = (count: number) => Array.from({ length: count }, () => 'message.delta');
const head = ['run.created', 'run.queued', 'run.in_progress'];
const stepHead = ['run.step.created', 'run.step.in_progress'];
const messageHead = [...stepHead, 'message.created', 'message.in_progress'];
const messageTail = ['message.completed', 'run.step.completed'];

const weather: OpenAI.Beta.AssistantTool = {
  type: 'function',
  function: { name: 'weather', description: 'The weather', parameters: { type: 'object', properties: {} } },
};

/** Runs a script to its first stop, through `runs.stream`. */
async function streamScript(
  turns: ScriptedTurnSource[],
  settings: Partial<OpenAI.Beta.AssistantCreateParams> = {},
  code = fakeInterpreter(() => ({})),
  run: { max_completion_tokens?: number } = {},
) {
  const model = scriptedModel(turns);
  const started = startEngine({ model, codeInterpreter: code });
  const threadId = await started.thread();
  const assistant_id = await started.assistant(settings);
  const result = await consume(started.threads.runs.stream(threadId, { assistant_id, ...run }));
  return { ...started, ...result, wire: started.events, model, threadId };
}

test('plain text: one message step, deltas in order, usage with the end', async () => {
  const { events, text, run, steps, messages } = await streamScript([
    { parts: [{ text: ['Hel', 'lo', '!'] }] },
  ]);
  expect(events).toEqual([...head, ...messageHead, ...deltas(3), ...messageTail, 'run.completed']);
  expect(text).toBe('Hello!');
  expect(run).toMatchObject({ status: 'completed', expires_at: null, usage: { total_tokens: 15 } });
  expect(steps[0]).toMatchObject({ status: 'completed', usage: { total_tokens: 15 } });
  expect(messages[0]).toMatchObject({ status: 'completed', run_id: run.id, attachments: [] });
});

test('code interpreter: the Python streams, then its output, then the answer with its files', async () => {
  const code = 'print("Grüße 😀")\nopen("trend.svg","w")';
  const interpreter = fakeInterpreter((_, { files, write }) => {
    write('Grü');
    write('ße 😀\n');
    files.set('trend.svg', Buffer.from('<svg/>'));
    files.set('out/clean data.csv', Buffer.from('a,b\n'));
    return { value: '6' };
  });
  const { events, run, steps, messages, model, openai } = await streamScript(
    [
      { parts: [{ call: 'code_interpreter', input: { code }, fragments: 1 }] },
      {
        parts: [
          { text: ['Here: [data](sandbox:/mnt/data/out/clean data.csv)', ' and sandbox:/mnt/data/none.txt'] },
        ],
      },
    ],
    { tools: [{ type: 'code_interpreter' }] },
    interpreter,
  );
  const withoutDeltas = events.filter((event) => !event.endsWith('step.delta'));
  expect(withoutDeltas).toEqual([
    ...head,
    ...stepHead,
    'run.step.completed',
    ...messageHead,
    ...deltas(4),
    ...messageTail,
    'run.completed',
  ]);
  expect(events.filter((event) => event === 'run.step.delta').length).toBeGreaterThan(20);
  expect(interpreter.runs).toEqual([code]);

  const image = messages[0]!.attachments![0]!.file_id!;
  const table = messages[0]!.attachments![1]!.file_id!;
  expect(steps[0]!.step_details).toEqual({
    type: 'tool_calls',
    tool_calls: [
      {
        id: expect.stringMatching(/^call_\w{24}$/),
        type: 'code_interpreter',
        code_interpreter: {
          input: code,
          outputs: [
            { type: 'logs', logs: 'Grüße 😀\n6' },
            { type: 'image', image: { file_id: image } },
          ],
        },
      },
    ],
  });
  const value = 'Here: [data](sandbox:/mnt/data/out/clean data.csv) and sandbox:/mnt/data/none.txt';
  const link = 'sandbox:/mnt/data/out/clean data.csv';
  expect(messages[0]!.content).toEqual([
    { type: 'image_file', image_file: { file_id: image } },
    {
      type: 'text',
      text: {
        value,
        annotations: [
          {
            type: 'file_path',
            text: link,
            start_index: value.indexOf(link),
            end_index: value.indexOf(link) + link.length,
            file_path: { file_id: table },
          },
        ],
      },
    },
  ]);
  expect(run.usage).toEqual({ prompt_tokens: 20, completion_tokens: 10, total_tokens: 30 });

  const file = await openai.files.retrieve(table);
  expect(file).toMatchObject({ filename: 'clean data.csv', purpose: 'assistants_output', bytes: 4 });
  expect(await (await openai.files.content(table)).text()).toBe('a,b\n');
  const result = model.prompts[1]!.at(-1)!;
  expect(result).toMatchObject({ role: 'tool', content: [{ toolName: 'code_interpreter' }] });
  const output = (result.content[0] as { output: { value: string } }).output.value;
  expect(JSON.parse(output)).toEqual({
    output: 'Grüße 😀\n6',
    files: ['/mnt/data/trend.svg', '/mnt/data/out/clean data.csv'],
  });
});

test('the deltas of a code call add up to exactly what its final step says', async () => {
  const code = 'a = "\\u00e9\\n"\nprint(1)';
  const interpreter = fakeInterpreter((_, { write }) => {
    for (let line = 0; line < 50; line++) write(`${line}\n`);
    return { value: "'x'", traceback: 'Traceback: boom', outcome: 'failed' };
  });
  const { threads, threadId, run, wire } = await streamScript(
    [{ parts: [{ call: 'code_interpreter', input: { code } }] }, 'Done.'],
    { tools: [{ type: 'code_interpreter' }] },
    interpreter,
  );
  let input = '';
  let logs = '';
  for (const { event, data } of await wire(`/threads/${threadId}/runs/${run.id}/stream`)) {
    if (event !== 'thread.run.step.delta') continue;
    const call = data.delta.step_details.tool_calls[0].code_interpreter;
    input += call.input ?? '';
    for (const output of call.outputs ?? []) logs += output.logs ?? '';
  }
  const steps = await threads.runs.steps.list(run.id, { thread_id: threadId });
  expect(steps.data.at(-1)!.step_details).toMatchObject({
    tool_calls: [{ code_interpreter: { input, outputs: [{ type: 'logs', logs }] } }],
  });
  expect(input).toBe(code);
  expect(logs).toMatch(/49\n'x'\nTraceback: boom$/);
});

test('a Python exception is told to the model and shown in the logs; the run goes on', async () => {
  const interpreter = fakeInterpreter(() => ({
    outcome: 'failed',
    traceback: 'ZeroDivisionError: division by zero',
  }));
  const { run, steps, model } = await streamScript(
    [{ parts: [{ call: 'code_interpreter', input: { code: '1/0' } }] }, 'That cannot be divided.'],
    { tools: [{ type: 'code_interpreter' }] },
    interpreter,
  );
  expect(run.status).toBe('completed');
  expect(steps[0]!.step_details).toMatchObject({
    tool_calls: [{ code_interpreter: { outputs: [{ logs: 'ZeroDivisionError: division by zero' }] } }],
  });
  const [result] = model.prompts[1]!.at(-1)!.content as { output: { value: string } }[];
  expect(JSON.parse(result!.output.value)).toEqual({
    output: '',
    error: 'ZeroDivisionError: division by zero',
    files: [],
  });
});

describe('function calls', () => {
  const turns: ScriptedTurnSource[] = [
    {
      parts: [
        { text: 'Let me look.' },
        { call: 'weather', input: { city: 'Oslo' }, id: 'a' },
        { call: 'weather', input: { city: 'Rome' }, id: 'b', fragments: false },
      ],
    },
    'Both are sunny.',
  ];

  test('text and several calls: the message ends first, the calls share one step, the run waits', async () => {
    const { events, run, steps } = await streamScript(turns, { tools: [weather] });
    const withoutDeltas = events.filter((event) => !event.endsWith('.delta'));
    expect(withoutDeltas).toEqual([
      ...head,
      ...messageHead,
      ...messageTail,
      ...stepHead,
      'run.requires_action',
    ]);
    const calls = run.required_action!.submit_tool_outputs.tool_calls;
    expect(calls.map((call) => call.function)).toEqual([
      { name: 'weather', arguments: '{"city":"Oslo"}' },
      { name: 'weather', arguments: '{"city":"Rome"}' },
    ]);
    expect(steps[1]).toMatchObject({
      status: 'in_progress',
      step_details: {
        tool_calls: calls.map((call) => ({ id: call.id, function: { output: null } })),
      },
    });
    expect(run.usage).toBeNull();
  });

  test('outputs submitted with a stream: the step ends, the run is queued, goes on, completes', async () => {
    const { threads, threadId, run, model } = await streamScript(turns, { tools: [weather] });
    const calls = run.required_action!.submit_tool_outputs.tool_calls;
    const tool_outputs = calls.map(({ id }, index) => ({ tool_call_id: id, output: `sun ${index}` }));
    const rest = await consume(
      threads.runs.submitToolOutputsStream(run.id, { thread_id: threadId, tool_outputs }),
    );
    expect(rest.events).toEqual([
      'run.step.completed',
      'run.queued',
      'run.in_progress',
      ...messageHead,
      'message.delta',
      ...messageTail,
      'run.completed',
    ]);
    expect(rest.run).toMatchObject({
      status: 'completed',
      required_action: null,
      usage: { total_tokens: 30 },
    });
    expect(rest.run.created_at).toBe(run.created_at);
    expect(model.prompts[1]).toMatchObject([
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me look.' },
          { type: 'tool-call', toolCallId: 'a', input: { city: 'Oslo' } },
          { type: 'tool-call', toolCallId: 'b', input: { city: 'Rome' } },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'a', output: { value: 'sun 0' } },
          { type: 'tool-result', toolCallId: 'b', output: { value: 'sun 1' } },
        ],
      },
    ]);
    const steps = await threads.runs.steps.list(run.id, { thread_id: threadId, order: 'asc' });
    expect(steps.data[1]!.step_details).toMatchObject({
      tool_calls: [{ function: { output: 'sun 0' } }, { function: { output: 'sun 1' } }],
    });
  });

  test('polled: createAndPoll stops at the call, submitToolOutputsAndPoll takes it to the end', async () => {
    const model = scriptedModel(turns);
    const { threads, thread, assistant } = startEngine({ model });
    const thread_id = await thread();
    const run = await threads.runs.createAndPoll(thread_id, {
      assistant_id: await assistant({ tools: [weather] }),
    });
    expect(run.status).toBe('requires_action');
    const tool_outputs = run
      .required_action!.submit_tool_outputs.tool_calls.map(({ id }) => ({ tool_call_id: id, output: 'sun' }))
      .toReversed();
    const done = await threads.runs.submitToolOutputsAndPoll(run.id, { thread_id, tool_outputs });
    expect(done.status).toBe('completed');
  });

  test('outputs that do not match the calls are refused, and the run waits on', async () => {
    const { threads, threadId: thread_id, run } = await streamScript(turns, { tools: [weather] });
    const [first, second] = run.required_action!.submit_tool_outputs.tool_calls;
    const submit = (ids: string[]) =>
      threads.runs.submitToolOutputs(run.id, {
        thread_id,
        tool_outputs: ids.map((tool_call_id) => ({ tool_call_id, output: '' })),
      });
    await expect(submit([first!.id])).rejects.toMatchObject({
      status: 400,
      message: `400 Expected tool outputs for call_ids ['${first!.id}', '${second!.id}'], got ['${first!.id}']`,
    });
    await expect(submit([first!.id, first!.id])).rejects.toMatchObject({ status: 400 });
    await expect(submit([first!.id, second!.id, 'call_x'])).rejects.toMatchObject({ status: 400 });
    await expect(submit([first!.id, second!.id])).resolves.toMatchObject({ status: 'queued' });
    await until(async () => (await threads.runs.retrieve(run.id, { thread_id })).status === 'completed');
    await expect(submit([first!.id, second!.id])).rejects.toMatchObject({
      message: '400 Runs in status "completed" do not accept tool outputs.',
    });
  });

  test('Python and a function in one turn: Python runs first, deltas stay in order, both reach the model', async () => {
    const {
      threads,
      threadId: thread_id,
      run,
      model,
    } = await streamScript(
      [
        {
          parts: [
            { call: 'code_interpreter', input: { code: '1' }, id: 'c' },
            { call: 'weather', input: {}, id: 'f' },
            { text: 'I asked for the weather.' },
          ],
        },
        'Done.',
      ],
      { tools: [{ type: 'code_interpreter' }, weather] },
      fakeInterpreter(() => ({ value: '1' })),
    );
    expect(run.status).toBe('requires_action');
    const [call] = run.required_action!.submit_tool_outputs.tool_calls;
    const rest = await consume(
      threads.runs.submitToolOutputsStream(run.id, {
        thread_id,
        tool_outputs: [{ tool_call_id: call!.id, output: 'sun' }],
      }),
    );
    expect(rest.text).toBe('I asked for the weather.Done.');
    expect(model.prompts[1]!.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'tool',
      'assistant',
    ]);
    expect(model.prompts[1]![3]!.content).toMatchObject([{ toolCallId: 'c' }, { toolCallId: 'f' }]);
  });

  test('a call to a tool that does not exist is answered by the engine', async () => {
    const { run, model, steps } = await streamScript([{ parts: [{ call: 'nothing', input: {} }] }, 'Sorry.']);
    expect(run.status).toBe('completed');
    expect(steps[0]!.step_details).toMatchObject({
      tool_calls: [{ function: { name: 'nothing', output: 'There is no tool named "nothing".' } }],
    });
    expect(model.prompts[1]!.at(-1)).toMatchObject({ role: 'tool' });
  });
});

test('createAndRunStream begins with the thread', async () => {
  const { threads, assistant } = startEngine({ model: scriptedModel(['Hello']) });
  const stream = threads.createAndRunStream({
    assistant_id: await assistant(),
    thread: { messages: [{ role: 'user', content: 'Hi' }], metadata: { owner: 'me' } },
  });
  const { events, text } = await consume(stream);
  expect(events[0]).toBe('created');
  expect(events.slice(1, 4)).toEqual(head);
  expect(text).toBe('Hello');
});

test('a refusal is a content block of its own', async () => {
  const { messages, run } = await streamScript([{ parts: [{ text: ['I will ', 'not.'], refusal: true }] }]);
  expect(messages[0]!.content).toEqual([{ type: 'refusal', refusal: 'I will not.' }]);
  expect(run.status).toBe('completed');
});

test('a token limit ends the message and the run as incomplete', async () => {
  const { events, messages, run, steps, model } = await streamScript(
    [{ parts: [{ text: 'Once upon' }], finish: 'length' }],
    {},
    undefined,
    { max_completion_tokens: 300 },
  );
  expect(events.slice(-3)).toEqual(['message.incomplete', 'run.step.completed', 'run.incomplete']);
  expect(messages[0]).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_tokens' } });
  expect(messages[0]!.content).toMatchObject([{ text: { value: 'Once upon' } }]);
  expect(steps[0]!.status).toBe('completed');
  expect(run).toMatchObject({
    status: 'incomplete',
    incomplete_details: { reason: 'max_completion_tokens' },
  });
  expect(model.calls[0]!.maxOutputTokens).toBe(300);
});

test('what the first turn used of the token limit is taken off the second', async () => {
  const { run, model } = await streamScript(
    [
      { parts: [{ call: 'code_interpreter', input: { code: '' } }], usage: { input: 1, output: 100 } },
      { parts: [{ call: 'code_interpreter', input: { code: '' } }], usage: { input: 1, output: 200 } },
    ],
    { tools: [{ type: 'code_interpreter' }] },
    undefined,
    { max_completion_tokens: 300 },
  );
  expect(model.calls.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([300, 200]);
  expect(run.status).toBe('incomplete');
});

test('a content filter fails the run, and the message says so', async () => {
  const { events, messages, run } = await streamScript([
    { parts: [{ text: 'Well, ' }], finish: 'content-filter', rawFinish: 'content_filter' },
  ]);
  expect(events.slice(-3)).toEqual(['message.incomplete', 'run.step.failed', 'run.failed']);
  expect(messages[0]!.incomplete_details).toEqual({ reason: 'content_filter' });
  expect(run.last_error).toEqual({
    code: 'invalid_prompt',
    message: "The model's content filter stopped the answer.",
  });
});

test('a model that goes in circles is stopped with a sentence', async () => {
  const { run, model } = await streamScript(
    [() => ({ parts: [{ call: 'code_interpreter', input: { code: 'x' }, fragments: false }] })],
    { tools: [{ type: 'code_interpreter' }] },
  );
  expect(run.last_error?.message).toBe('The model did not come to an end within 25 turns.');
  expect(model.calls).toHaveLength(25);
});

test('files that no text follows come in a message of their own', async () => {
  const interpreter = fakeInterpreter((_, { files }) => {
    files.set('a.png', Buffer.from('x'));
    return {};
  });
  const { messages, run } = await streamScript(
    [{ parts: [{ call: 'code_interpreter', input: { code: 'x' } }] }, { parts: [] }],
    { tools: [{ type: 'code_interpreter' }] },
    interpreter,
  );
  expect(run.status).toBe('completed');
  expect(messages).toHaveLength(1);
  expect(messages[0]!.content).toMatchObject([{ type: 'image_file' }]);
});

test('a file that is an image by its name alone is attached, and shown nowhere as an image', async () => {
  const code = fakeInterpreter((_, { files }) => {
    files.set('fake.png', Buffer.from('text'));
    return { images: [] };
  });
  const { messages } = await streamScript(
    [{ parts: [{ call: 'code_interpreter', input: { code: 'make()' } }] }, 'Done.'],
    { tools: [{ type: 'code_interpreter' }] },
    code,
  );
  expect(messages[0]!.content.map(({ type }) => type)).toEqual(['text']);
  expect(messages[0]!.attachments).toHaveLength(1);
});

test.each(['a%20(1)/%C3%BC%23.csv', 'a%20%281%29/%C3%BC%23.csv', 'a (1)/ü#.csv', 'a%20(1)/%C3%BC#.csv'])(
  'a link to a file is known however it is spelled: %s',
  async (written) => {
    const code = fakeInterpreter((_, { files }) => {
      files.set('a (1)/ü#.csv', Buffer.from('1'));
      return {};
    });
    const { messages } = await streamScript(
      [
        { parts: [{ call: 'code_interpreter', input: { code: 'make()' } }] },
        `[x](<sandbox:/mnt/data/${written}>)`,
      ],
      { tools: [{ type: 'code_interpreter' }] },
      code,
    );
    expect(messages[0]!.content).toMatchObject([
      { text: { annotations: [{ text: `sandbox:/mnt/data/${written}`, file_path: {} }] } },
    ]);
  },
);

test('a file that the session does not take is named to the model; Python runs without it', async () => {
  const code = fakeInterpreter((_, { files }) => ({ logs: [...files.keys()].join() }));
  const { session } = code;
  code.session = async (id) => {
    const opened = await session(id);
    const { writeFile } = opened;
    opened.writeFile = async (name, bytes) => {
      if (name === 'big.bin') throw new RangeError('big.bin is too big.');
      return writeFile(name, bytes);
    };
    return opened;
  };
  const model = scriptedModel([{ parts: [{ call: 'code_interpreter', input: { code: 'ls()' } }] }, 'Done.']);
  const { openai, threads, assistant } = startEngine({ model, codeInterpreter: code });
  const attachments = await Promise.all(
    ['big.bin', 'ok.txt'].map(async (name) => {
      const { id } = await openai.files.create({ file: new File(['x'], name), purpose: 'assistants' });
      return { file_id: id, tools: [{ type: 'code_interpreter' as const }] };
    }),
  );
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Look', attachments }] });
  const assistant_id = await assistant({ tools: [{ type: 'code_interpreter' }] });
  const { run, steps } = await consume(threads.runs.stream(id, { assistant_id }));
  expect(run.status).toBe('completed');
  expect(JSON.stringify(steps[0]!.step_details)).toContain(
    '[big.bin is not in /mnt/data: big.bin is too big.]\\nok.txt',
  );
  expect(JSON.stringify(model.prompts[1])).toContain('big.bin is too big.');
});
