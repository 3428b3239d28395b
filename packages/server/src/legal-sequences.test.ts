import { readUIMessageStream, safeValidateUIMessages, uiMessageChunkSchema } from 'ai';
import type { UIMessageChunk } from 'ai';
import { expect, it } from 'vitest';
import { AssistantResponse } from './assistant-response.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  runObject,
  stepEvent,
  streamOf,
  textBlock,
  textDelta,
  textMessage,
  usage,
} from './test-support/events.ts';
import { readStream } from './test-support/read-stream.ts';

const none = { type: 'tool_calls', tool_calls: [] };
const creation = { type: 'message_creation', message_creation: { message_id: 'msg_1' } };
const last_error = { code: 'server_error', message: 'No.' };

/** The step of a message around its events. */
function messageStep(...events: AssistantsEvent[]): AssistantsEvent[] {
  const about = { type: 'message_creation' };
  return [
    stepEvent('created', 'step_m', creation, about),
    stepEvent('in_progress', 'step_m', creation, about),
    ...events,
    stepEvent('completed', 'step_m', creation, about),
  ];
}

const code = { id: 'call_1', type: 'code_interpreter' };
const outputs = [
  { index: 0, type: 'logs', logs: '1\n' },
  { index: 1, type: 'image', image: { file_id: 'file-1' } },
];
const codeStep = [
  stepEvent('created', 'step_1', none),
  stepEvent('in_progress', 'step_1', none),
  callDelta('step_1', { index: 0, ...code, code_interpreter: { input: '', outputs: [] } }),
  callDelta('step_1', { index: 0, type: code.type, code_interpreter: { input: 'print(1)' } }),
  callDelta('step_1', { index: 0, type: code.type, code_interpreter: { outputs } }),
  stepEvent('completed', 'step_1', {
    type: 'tool_calls',
    tool_calls: [{ ...code, code_interpreter: { input: 'print(1)', outputs } }],
  }),
];
const functionCall = { id: 'call_2', type: 'function', function: { name: 'f', arguments: '{"a":1}' } };
const openFunction = [
  ...head,
  stepEvent('created', 'step_2', none),
  callDelta('step_2', { index: 0, ...functionCall, function: { name: 'f', arguments: '', output: null } }),
  callDelta('step_2', { index: 0, type: 'function', function: { arguments: '{"a":1}' } }),
];
const required_action = { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [functionCall] } };
const waiting = [...openFunction, runEvent('requires_action', { required_action })];
const answered = { ...functionCall, function: { ...functionCall.function, output: '{"b":2}' } };
const search = { id: 'call_3', type: 'file_search' };
const found = { results: [{ file_id: 'file-1', file_name: 'a.txt', score: 0.5 }] };
const citation = {
  type: 'file_citation',
  text: '【0】',
  start_index: 5,
  end_index: 8,
  file_citation: { file_id: 'file-1' },
};
const completed = runEvent('completed', { usage });

interface Expected {
  parts: object[];
  status: string;
  end: string;
}

/** Every order of events that Assistants v2 servers may send, and what becomes of it. */
const sequences: Record<string, [AssistantsEvent[][], Expected]> = {
  'plain text, of a thread that the run made': [
    [
      [
        { event: 'thread.created', data: { id: 'thread_1', object: 'thread' } },
        ...head,
        ...messageStep(...textMessage('Hel', 'lo')),
        completed,
      ],
    ],
    { parts: [{ type: 'text', text: 'Hello', state: 'done' }], status: 'completed', end: 'finish' },
  ],
  'code, then an image and a text': [
    [
      [
        ...head,
        ...codeStep,
        ...messageStep(
          messageEvent('created'),
          messageDelta({ index: 0, type: 'image_file', image_file: { file_id: 'file-1' } }),
          textDelta('See.', 1),
          messageDelta({ index: 2, type: 'image_url', image_url: { url: 'https://a.test/b.png' } }),
          messageEvent('completed', [
            { type: 'image_file', image_file: { file_id: 'file-1' } },
            textBlock('See.'),
            { type: 'image_url', image_url: { url: 'https://a.test/b.png' } },
          ]),
        ),
        completed,
      ],
    ],
    {
      parts: [
        {
          type: 'tool-code_interpreter',
          state: 'output-available',
          input: { code: 'print(1)' },
          output: { outputs: [{ type: 'logs', logs: '1\n' }, { type: 'image' }] },
        },
        { type: 'text', text: 'See.' },
        { type: 'file', url: 'https://a.test/b.png', mediaType: 'image/*' },
      ],
      status: 'completed',
      end: 'finish',
    },
  ],
  'a function call, its answer, and a text': [
    [
      waiting,
      [
        stepEvent('completed', 'step_2', { type: 'tool_calls', tool_calls: [answered] }),
        runEvent('queued'),
        runEvent('in_progress'),
        ...messageStep(...textMessage('2')),
        completed,
      ],
    ],
    {
      parts: [
        { type: 'tool-f', state: 'output-available', input: { a: 1 }, output: { b: 2 } },
        { type: 'text', text: '2' },
      ],
      status: 'completed',
      end: 'finish',
    },
  ],
  'a function call that nobody has answered yet': [
    [waiting],
    {
      parts: [{ type: 'tool-f', state: 'input-available', input: { a: 1 } }],
      status: 'requires_action',
      end: 'finish',
    },
  ],
  'a search, then a text that cites': [
    [
      [
        ...head,
        stepEvent('created', 'step_3', none),
        callDelta('step_3', { index: 0, ...search, file_search: {} }),
        stepEvent('completed', 'step_3', {
          type: 'tool_calls',
          tool_calls: [{ ...search, file_search: found }],
        }),
        ...messageStep(
          messageEvent('created'),
          textDelta('Here 【0】'),
          messageDelta({ index: 0, type: 'text', text: { annotations: [{ index: 0, ...citation }] } }),
          messageEvent('completed', [textBlock('Here 【0】', [citation])]),
        ),
        completed,
      ],
    ],
    {
      parts: [
        { type: 'tool-file_search', output: { results: [{ filename: 'a.txt', score: 0.5 }] } },
        { type: 'text', text: 'Here 【0】', citations: [{ startIndex: 5, endIndex: 8 }] },
      ],
      status: 'completed',
      end: 'finish',
    },
  ],
  'a run that is cancelled in its message': [
    [
      [
        ...head,
        stepEvent('created', 'step_m', creation, { type: 'message_creation' }),
        messageEvent('created'),
        textDelta('Hel'),
        runEvent('cancelling'),
        messageEvent('incomplete', [textBlock('Hel')]),
        stepEvent('cancelled', 'step_m', creation, { type: 'message_creation' }),
        runEvent('cancelled'),
      ],
    ],
    { parts: [{ type: 'text', text: 'Hel', state: 'done' }], status: 'cancelled', end: 'abort' },
  ],
  'a run that fails before its first step': [
    [[...head, runEvent('failed', { last_error })]],
    { parts: [], status: 'failed', end: 'error' },
  ],
  'a run that fails in a step': [
    [
      [
        ...head,
        ...codeStep.slice(0, 4),
        stepEvent('failed', 'step_1', {
          type: 'tool_calls',
          tool_calls: [{ ...code, code_interpreter: { input: 'print(1)', outputs: [] } }],
        }),
        runEvent('failed', { last_error, usage }),
      ],
    ],
    { parts: [{ type: 'tool-code_interpreter', state: 'output-error' }], status: 'failed', end: 'error' },
  ],
  'a run that reaches its limit': [
    [
      [
        ...head,
        messageEvent('created'),
        textDelta('Hel'),
        messageEvent('incomplete', [textBlock('Hel')]),
        runEvent('incomplete', { incomplete_details: { reason: 'max_completion_tokens' }, usage }),
      ],
    ],
    { parts: [{ type: 'text', text: 'Hel', state: 'done' }], status: 'incomplete', end: 'error' },
  ],
  'a run that expires while it waits': [
    [
      [
        ...waiting,
        stepEvent('expired', 'step_2', {
          type: 'tool_calls',
          tool_calls: [{ ...functionCall, function: { ...functionCall.function, output: null } }],
        }),
        runEvent('expired'),
      ],
    ],
    { parts: [{ type: 'tool-f', state: 'output-error' }], status: 'expired', end: 'error' },
  ],
  'a refusal': [
    [
      [
        ...head,
        ...messageStep(
          messageEvent('created'),
          messageDelta({ index: 0, type: 'refusal', refusal: 'I ' }),
          messageDelta({ index: 0, type: 'refusal', refusal: 'won’t.' }),
          messageEvent('completed', [{ type: 'refusal', refusal: 'I won’t.' }]),
        ),
        completed,
      ],
    ],
    {
      parts: [{ type: 'text', text: 'I won’t.', providerMetadata: { assistant: { refusal: true } } }],
      status: 'completed',
      end: 'finish',
    },
  ],
  'a run with events that are not invented yet': [
    [
      [
        ...head,
        { event: 'thread.run.dreaming', data: runObject() },
        { event: 'ping', data: {} },
        ...messageStep(...textMessage('Hi')),
        completed,
      ],
    ],
    { parts: [{ type: 'text', text: 'Hi' }], status: 'completed', end: 'finish' },
  ],
};

it.each(Object.entries(sequences))(
  '%s: the page sees it all, and so does ai@7',
  async (_name, [streams, expected]) => {
    const response = AssistantResponse({ threadId: 'thread_1' }, async ({ forwardStream }) => {
      for (const events of streams) await forwardStream(streamOf(events));
    });
    const { chunks, message } = await readStream(response);
    expect(message).toMatchObject({ id: 'run_1', parts: expected.parts });
    expect(message.parts).toHaveLength(expected.parts.length);
    expect(message.metadata).toMatchObject({ runId: 'run_1', runStatus: expected.status });
    expect(chunks.at(-1)).toMatchObject({ type: expected.end });
    const schema = uiMessageChunkSchema();
    for (const chunk of chunks) expect(await schema.validate!(chunk)).toMatchObject({ success: true });
    // ai@7 calls a message without parts invalid.
    const shown =
      message.parts.length > 0 ? [message] : [{ ...message, parts: [{ type: 'text', text: '' }] }];
    expect(await safeValidateUIMessages({ messages: shown })).toMatchObject({ success: true });
    const stream = new ReadableStream<UIMessageChunk>({
      start(controller) {
        for (const chunk of chunks) if (chunk.type !== 'error') controller.enqueue(chunk as UIMessageChunk);
        controller.close();
      },
    });
    let theirs: unknown;
    for await (const seen of readUIMessageStream({ stream })) theirs = seen;
    expect(JSON.parse(JSON.stringify(theirs))).toMatchObject({ id: 'run_1', parts: expected.parts });
  },
);
