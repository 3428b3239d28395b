import { createReducer, createVerifier } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { describe, expect, it } from 'vitest';
import { createAssistantsTranslator } from './from-assistants.ts';
import type { KnownFile } from './file-parts.ts';
import type { AssistantsEvent, AssistantsTranslatorOptions } from './from-assistants.ts';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  stepEvent,
  textBlock,
  textDelta,
  textRun,
  usage,
} from './test-support/events.ts';

const files: Record<string, KnownFile> = {
  'file-csv': known('file-csv', 'clean.csv', 'text/csv'),
  'file-svg': known('file-svg', 'trend.svg', 'image/svg+xml'),
  'file-pdf': known('file-pdf', 'guide.pdf', 'application/pdf'),
};

function known(fileId: string, name: string, mediaType: string): KnownFile {
  return { fileId, id: `${fileId}~sig`, name, mediaType, size: 10, url: `/files/${fileId}` };
}

/** Translates, verifies and reduces the events of a whole run. */
function translate(events: AssistantsEvent[], options: AssistantsTranslatorOptions = {}) {
  const translator = createAssistantsTranslator(options);
  const verifier = createVerifier();
  const reducer = createReducer();
  const chunks: AssistantChunk[] = [];
  const asked: string[] = [];
  for (const event of events) {
    const ids = translator.fileIds(event);
    asked.push(...ids);
    const given = new Map(ids.map((id) => [id, files[id]!]));
    for (const chunk of translator.translate(event, given)) {
      chunks.push(chunk);
      verifier.check(chunk);
      reducer.apply(chunk);
    }
  }
  verifier.end();
  return { chunks, asked, message: reducer.message(), types: chunks.map(({ type }) => type) };
}

describe('a run', () => {
  it('tells its status once a change, and says what it is with start and finish', () => {
    const { chunks } = translate(textRun('Hi'));
    expect(chunks[0]).toEqual({
      type: 'start',
      messageId: 'run_1',
      messageMetadata: {
        threadId: 'thread_1',
        runId: 'run_1',
        assistantId: 'asst_1',
        createdAt: 1_700_000_000_000,
      },
    });
    const statuses = chunks.flatMap((chunk) => (chunk.type === 'data-status' ? [chunk.data.status] : []));
    expect(statuses).toEqual(['queued', 'in_progress', 'completed']);
    expect(chunks.at(-1)).toEqual({
      type: 'finish',
      finishReason: 'stop',
      messageMetadata: { runStatus: 'completed', usage },
    });
  });

  it.each(['failed', 'expired', 'incomplete'])(
    'that is %s ends with an error and a generic sentence',
    (status) => {
      const last_error = { code: 'server_error', message: 'canary' };
      const { chunks, message } = translate([
        ...head,
        textDelta('He'),
        runEvent(status, { last_error, usage }),
      ]);
      expect(chunks.at(-1)).toMatchObject({ type: 'error', code: `run_${status}` });
      expect(JSON.stringify(chunks)).not.toContain('canary');
      expect(message).toMatchObject({
        metadata: { runStatus: status, usage },
        parts: [{ text: 'He', state: 'done' }],
      });
    },
  );

  it('that is cancelled ends with abort', () => {
    const { chunks, message } = translate([
      ...head,
      textDelta('He'),
      runEvent('cancelling'),
      messageEvent('incomplete', [textBlock('He')]),
      runEvent('cancelled'),
    ]);
    expect(chunks.at(-1)).toMatchObject({ type: 'abort' });
    expect(message.metadata?.runStatus).toBe('cancelled');
  });

  it('gives the reason of its failure to whoever words the error', () => {
    const last_error = { code: 'server_error', message: 'No such model.' };
    const { chunks } = translate([...head, runEvent('failed', { last_error })], {
      errorText: (error) => error.message,
    });
    expect(chunks.at(-1)).toMatchObject({ errorText: 'No such model.' });
  });

  it('takes the id of the user’s message from its metadata', () => {
    const metadata = { user_message_id: 'msg_u' };
    const { message } = translate([runEvent('created', { metadata }), runEvent('completed', { metadata })]);
    expect(message.metadata?.userMessageId).toBe('msg_u');
  });

  it('ignores events that it does not know', () => {
    const { types } = translate([
      { event: 'thread.run.sleeping', data: {} },
      ...textRun('Hi'),
      { event: 'ping', data: {} },
    ]);
    expect(types.filter((type) => type === 'text-delta')).toHaveLength(1);
  });
});

describe('text', () => {
  it('becomes one part a content block, with a stable id', () => {
    const { chunks, message } = translate([
      ...head,
      messageEvent('created'),
      textDelta('one'),
      textDelta('two', 1),
      messageEvent('completed', [textBlock('one'), textBlock('two')]),
      runEvent('completed'),
    ]);
    expect(chunks.flatMap((chunk) => (chunk.type === 'text-start' ? [chunk.id] : []))).toEqual([
      'msg_1:0',
      'msg_1:1',
    ]);
    expect(message.parts.map((part) => part.type === 'text' && part.text)).toEqual(['one', 'two']);
  });

  it('that no delta brought comes with the final message', () => {
    const { message } = translate([
      ...head,
      messageEvent('created'),
      textDelta('He'),
      messageEvent('completed', [textBlock('Hello')]),
      runEvent('completed'),
    ]);
    expect(message.parts).toMatchObject([{ type: 'text', text: 'Hello' }]);
  });

  it('of a refusal is marked', () => {
    const { message } = translate([
      ...head,
      messageEvent('created'),
      messageDelta({ index: 0, type: 'refusal', refusal: 'I will ' }),
      messageDelta({ index: 0, type: 'refusal', refusal: 'not.' }),
      messageEvent('completed', [{ type: 'refusal', refusal: 'I will not.' }]),
      runEvent('completed'),
    ]);
    expect(message.parts).toMatchObject([
      { type: 'text', text: 'I will not.', providerMetadata: { assistant: { refusal: true } } },
    ]);
  });

  it('is rewritten where it links into the sandbox, and citations stand where the reader sees them', () => {
    const text = 'See [data](sandbox:/mnt/data/clean.csv) 【4:0†guide.pdf】 for more.';
    const marker = '【4:0†guide.pdf】';
    const start_index = text.indexOf(marker);
    const annotations = [
      {
        type: 'file_path',
        text: 'sandbox:/mnt/data/clean.csv',
        start_index: 11,
        end_index: 38,
        file_path: { file_id: 'file-csv' },
      },
      {
        type: 'file_citation',
        text: marker,
        start_index,
        end_index: start_index + marker.length,
        file_citation: { file_id: 'file-pdf' },
      },
    ];
    const attachments = [{ file_id: 'file-csv', tools: [] }];
    const { message, asked } = translate([
      ...head,
      messageEvent('created', [], { attachments }),
      ...text.split(/(?<=[ :/])/).map((piece) => textDelta(piece)),
      messageEvent('completed', [textBlock(text, annotations)], { attachments }),
      runEvent('completed'),
    ]);
    const part = message.parts[0]!;
    if (part.type !== 'text') throw new Error('no text');
    expect(part.text).toBe('See [data](/files/file-csv) 【4:0†guide.pdf】 for more.');
    const { citations } = part as typeof part & { citations: { startIndex: number; endIndex: number }[] };
    expect(part.text.slice(citations[0]!.startIndex, citations[0]!.endIndex)).toBe(marker);
    expect(citations[0]).toMatchObject({ source: { title: 'guide.pdf', mediaType: 'application/pdf' } });
    expect(message.parts[1]).toMatchObject({ type: 'data-file', id: 'file-csv~sig' });
    expect(asked).toEqual(['file-csv', 'file-pdf']);
  });

  it('links by name to what only the route can find', () => {
    const { message } = translate(textRun('[x](sandbox:/mnt/', 'data/x y.csv)'), {
      sandboxUrl: (name, threadId) => `/t/${threadId}/${encodeURIComponent(name)}`,
    });
    expect(message.parts).toMatchObject([{ text: '[x](/t/thread_1/x%20y.csv)' }]);
  });
});

describe('code', () => {
  const code = (fields: object) => ({ index: 0, type: 'code_interpreter', code_interpreter: fields });
  const final = (outputs: object[]) => ({
    type: 'tool_calls',
    tool_calls: [
      { id: 'call_1', type: 'code_interpreter', code_interpreter: { input: 'print(1)\n2', outputs } },
    ],
  });
  const image = { type: 'image', image: { file_id: 'file-svg' } };

  it('streams as text, its logs as preliminary outputs, its images as files after the step', () => {
    const { chunks, message, types } = translate([
      ...head,
      stepEvent('created', 'step_1', { type: 'tool_calls', tool_calls: [] }),
      callDelta('step_1', { ...code({ input: '', outputs: [] }), id: 'call_1' }),
      callDelta('step_1', code({ input: 'print(1)' })),
      callDelta('step_1', code({ input: '\n2' })),
      callDelta('step_1', code({ outputs: [{ index: 0, type: 'logs', logs: '1\n' }] })),
      callDelta('step_1', code({ outputs: [{ index: 0, type: 'logs', logs: '2\n' }] })),
      callDelta('step_1', code({ outputs: [{ index: 1, ...image }] })),
      stepEvent('completed', 'step_1', final([{ type: 'logs', logs: '1\n2\n' }, image])),
      runEvent('completed'),
    ]);
    expect(chunks.find(({ type }) => type === 'tool-input-start')).toEqual({
      type: 'tool-input-start',
      toolCallId: 'call_1',
      toolName: 'code_interpreter',
      providerExecuted: true,
      inputEncoding: 'text',
    });
    const preliminary = chunks.filter((chunk) => chunk.type === 'tool-output-available' && chunk.preliminary);
    expect(preliminary.map((chunk) => (chunk as { output: { outputs: object[] } }).output.outputs)).toEqual([
      [{ type: 'logs', logs: '1\n' }],
      [{ type: 'logs', logs: '1\n2\n' }],
      [
        { type: 'logs', logs: '1\n2\n' },
        { type: 'image', fileId: 'file-svg~sig', url: '/files/file-svg' },
      ],
    ]);
    expect(message.parts).toMatchObject([
      { type: 'tool-code_interpreter', state: 'output-available', input: { code: 'print(1)\n2' } },
      { type: 'data-file', data: { name: 'trend.svg' } },
      { type: 'file', mediaType: 'image/svg+xml', filename: 'trend.svg', url: '/files/file-svg' },
    ]);
    expect(JSON.stringify(chunks.filter(({ type }) => type === 'data-file'))).not.toContain('fileId');
    expect(types.at(-1)).toBe('finish');
  });

  it('gives long logs in few preliminary outputs, and whole at the end', () => {
    const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`);
    const { chunks, message } = translate([
      ...head,
      callDelta('step_1', { ...code({ input: 'x' }), id: 'call_1' }),
      ...lines.map((logs) => callDelta('step_1', code({ outputs: [{ index: 0, type: 'logs', logs }] }))),
      stepEvent('completed', 'step_1', final([{ type: 'logs', logs: lines.join('') }])),
      runEvent('completed'),
    ]);
    const written = chunks.reduce((sum, chunk) => sum + JSON.stringify(chunk).length, 0);
    expect(written).toBeLessThan(lines.join('').length * 10);
    expect(message.parts[0]).toMatchObject({ output: { outputs: [{ logs: lines.join('') }] } });
  });

  it('that was stopped without a result ends as an error', () => {
    const { message } = translate([
      ...head,
      callDelta('step_1', { ...code({ input: 'while True: pass' }), id: 'call_1' }),
      runEvent('cancelled'),
    ]);
    expect(message.parts).toMatchObject([{ state: 'output-error', errorText: 'The call was cancelled.' }]);
  });

  it('shows each file once, however often it is named', () => {
    const attachments = [{ file_id: 'file-svg' }, { file_id: 'file-csv' }];
    const content = [{ type: 'image_file', image_file: { file_id: 'file-svg' } }, textBlock('Done')];
    const { message } = translate([
      ...head,
      stepEvent('completed', 'step_1', final([image])),
      messageEvent('created', [], { attachments }),
      messageDelta({ index: 0, type: 'image_file', image_file: { file_id: 'file-svg' } }),
      textDelta('Done', 1),
      messageEvent('completed', content, { attachments }),
      runEvent('completed'),
    ]);
    expect(message.parts.map(({ type }) => type)).toEqual([
      'tool-code_interpreter',
      'data-file',
      'file',
      'text',
      'data-file',
    ]);
  });
});

describe('functions', () => {
  const call = (fields: object, id?: string) => ({
    index: 0,
    type: 'function',
    function: fields,
    ...(id && { id }),
  });
  const asked = {
    id: 'call_f',
    type: 'function',
    function: { name: 'weather', arguments: '{"city":"Bern"}' },
  };
  const waiting = runEvent('requires_action', {
    required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [asked] } },
  });
  const answered = (output: string | null) =>
    stepEvent('completed', 'step_1', {
      type: 'tool_calls',
      tool_calls: [{ ...asked, function: { ...asked.function, output } }],
    });
  const asking = [
    ...head,
    callDelta('step_1', call({ name: 'weather', arguments: '', output: null }, 'call_f')),
    callDelta('step_1', call({ arguments: '{"city":' })),
    callDelta('step_1', call({ arguments: '"Bern"}' })),
    waiting,
  ];
  const goingOn = [runEvent('queued'), runEvent('in_progress'), runEvent('completed')];

  it('answered by the route are marked as executed, with input and output', () => {
    const { chunks, message } = translate([...asking, answered('{"degrees":20}'), ...goingOn]);
    expect(message.parts).toMatchObject([
      {
        type: 'tool-weather',
        toolCallId: 'call_f',
        state: 'output-available',
        input: { city: 'Bern' },
        output: { degrees: 20 },
        providerExecuted: true,
      },
    ]);
    expect(chunks.filter(({ type }) => type === 'tool-input-delta')).toHaveLength(2);
  });

  it('left to the browser are not', () => {
    const { chunks } = translate([...asking, answered('"x"'), ...goingOn], {
      isClientTool: (name) => name === 'weather',
    });
    const available = chunks.find(({ type }) => type === 'tool-input-available');
    expect(available).toEqual({
      type: 'tool-input-available',
      toolCallId: 'call_f',
      toolName: 'weather',
      input: { city: 'Bern' },
    });
  });

  it('that failed show the error that the model was told', () => {
    const { message } = translate([...asking, answered('{"error":"No such city."}'), ...goingOn]);
    expect(message.parts).toMatchObject([{ state: 'output-error', errorText: 'No such city.' }]);
  });

  it('that nobody answered end with the run', () => {
    const { message } = translate([...asking, runEvent('expired')]);
    expect(message.parts).toMatchObject([{ state: 'output-error', errorText: 'The call expired.' }]);
  });
});

describe('file search', () => {
  it('is a call whose output tells the files and their scores', () => {
    const details = {
      type: 'tool_calls',
      tool_calls: [
        {
          id: 'call_s',
          type: 'file_search',
          file_search: { results: [{ file_id: 'file-pdf', file_name: 'guide.pdf', score: 0.9 }] },
        },
      ],
    };
    const { message } = translate([
      ...head,
      callDelta('step_1', { index: 0, id: 'call_s', type: 'file_search', file_search: {} }),
      stepEvent('completed', 'step_1', details),
      runEvent('completed'),
    ]);
    expect(message.parts).toMatchObject([
      {
        type: 'tool-file_search',
        state: 'output-available',
        output: { results: [{ filename: 'guide.pdf', score: 0.9 }] },
      },
    ]);
  });
});

it('gives the same chunks for the same events, every time', () => {
  const events = textRun('a', 'b');
  expect(translate(events).chunks).toEqual(translate(events).chunks);
});
