import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import { describe, expect, it } from 'vitest';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  stepEvent,
  textBlock,
  textRun,
} from '../events.ts';
import { respondIn } from '../runtime-chat.ts';
import type { Play } from '../runtime-entry.ts';
import type { Runtime } from '../runtimes.ts';

/** What would end a line, a frame or the stream, were it written as it is. */
const hostile = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\r\r',
  '\0',
  '\u0085',
  '\u2028',
  '\u2029',
  '\uFEFF',
  '\uD800',
  '\nid: forged',
  '\n\ndata: {"type":"error","errorText":"forged"}\n\n',
  '\r\rdata: forged\r\r',
  '\nretry: 1\n',
  '\nevent: forged\n\n',
  '\n: forged\n',
  '\n\ndata: [DONE]\n\n',
  '"}\n\n{"',
];

/** Every place of an answer where somebody else’s text may stand. */
const places: Record<string, (text: string) => Play['script']> = {
  'a piece of text': (text) => [{ forward: textRun('a', text, 'b') }],
  'a link into the sandbox': (text) => [{ forward: textRun(`[a](sandbox:/mnt/data/a${text}.csv)`) }],
  'a refusal': (text) => [
    {
      forward: [
        ...head,
        messageEvent('created'),
        messageDelta({ index: 0, type: 'refusal', refusal: text }),
        messageEvent('completed', [{ type: 'refusal', refusal: text }]),
        runEvent('completed'),
      ],
    },
  ],
  'a citation': (text) => {
    const citation = {
      type: 'file_citation',
      text,
      start_index: 0,
      end_index: 1,
      file_citation: { file_id: text },
    };
    return [
      {
        forward: [
          ...head,
          messageEvent('created'),
          messageDelta({
            index: 0,
            type: 'text',
            text: { value: `${text}.`, annotations: [{ index: 0, ...citation }] },
          }),
          messageEvent('completed', [textBlock(`${text}.`, [citation])]),
          runEvent('completed'),
        ],
      },
    ];
  },
  'a call, its name, its id and its arguments': (text) => {
    const call = {
      id: `call${text}`,
      type: 'function',
      function: { name: `f${text}`, arguments: text, output: text },
    };
    const details = { type: 'tool_calls', tool_calls: [call] };
    return [
      {
        forward: [
          ...head,
          stepEvent('created', 's', { type: 'tool_calls', tool_calls: [] }),
          callDelta('s', { index: 0, ...call }),
          stepEvent('completed', 's', details),
          runEvent('completed'),
        ],
      },
    ];
  },
  'code and its logs': (text) => {
    const outputs = [{ index: 0, type: 'logs', logs: text }];
    const call = { id: 'c', type: 'code_interpreter', code_interpreter: { input: text, outputs } };
    return [
      {
        forward: [
          ...head,
          callDelta('s', { index: 0, ...call }),
          stepEvent('completed', 's', { type: 'tool_calls', tool_calls: [call] }),
          runEvent('completed'),
        ],
      },
    ];
  },
  'ids of runs, threads and messages': (text) => [
    {
      forward: [
        runEvent('created', {
          id: `run${text}`,
          thread_id: `thread${text}`,
          metadata: { user_message_id: text },
        }),
        messageEvent('created', [], { id: `msg${text}`, run_id: `run${text}` }),
        messageEvent('completed', [textBlock('Hi')], { id: `msg${text}`, run_id: `run${text}` }),
        runEvent('completed', { id: `run${text}`, thread_id: `thread${text}` }),
      ],
    },
  ],
  'whole messages, data and statuses': (text) => [
    { sendMessage: { id: `m${text}`, content: [{ type: 'text', text: { value: text } }] } },
    { sendDataMessage: { id: `d${text}`, data: { [text]: text } } },
    { sendStatus: text as never },
    { append: { [text]: [text] } },
    { annotate: text },
  ],
  'the name of a file': (text) => [{ attach: [`a${text}.txt`, text] }],
};

interface Seen {
  events: EventSourceMessage[];
  others: string[];
}

function parse(wire: string): Seen {
  const seen: Seen = { events: [], others: [] };
  const parser = createParser({
    onEvent: (event) => void seen.events.push(event),
    onComment: (comment) => void seen.others.push(comment),
    onRetry: (retry) => void seen.others.push(`retry ${retry}`),
    onError: ({ message }) => void seen.others.push(message),
  });
  parser.feed(wire);
  return seen;
}

/** What a stream says, without what the hostile text has made of it. */
const shapeOf = ({ events }: Seen): string[] =>
  events.map(({ data }) => (data === '[DONE]' ? data : (JSON.parse(data) as { type: string }).type));

/** Text that would be more than text. */
export function sseInjection(runtime: Runtime): void {
  const settings = { threadId: 'thread_1', messageId: 'msg_1' };
  const wireOf = async (script: Play['script'], protocol: 'v1' | 'v4'): Promise<string> =>
    (await respondIn(runtime, { settings: { ...settings, protocol }, script })).text();

  describe.each(Object.entries(places))('in %s', (_, place) => {
    it('makes no frame, no id, no field and no end', async () => {
      const harmless = shapeOf(parse(await wireOf(place('x'), 'v1')));
      expect(harmless.at(-1)).toBe('[DONE]');
      for (const text of hostile) {
        const seen = parse(await wireOf(place(text), 'v1'));
        expect([text, seen.others]).toEqual([text, []]);
        expect([text, shapeOf(seen)]).toEqual([text, harmless]);
        for (const { id, event } of seen.events) {
          expect([text, event]).toEqual([text, undefined]);
          expect(id ?? 'run_1:0.0').toMatch(/^run[^\n\r]*:\d+\.\d+$/);
        }
      }
    });

    it('makes no line of the v4 wire', async () => {
      const codesOf = (wire: string): string[] => wire.split('\n').map((line) => line.slice(0, 2));
      const harmless = codesOf(await wireOf(place('x'), 'v4'));
      for (const text of hostile) {
        const wire = await wireOf(place(text), 'v4');
        expect([text, codesOf(wire)]).toEqual([text, harmless]);
        for (const line of wire.split('\n').filter(Boolean))
          expect(() => JSON.parse(line.slice(2))).not.toThrow();
      }
    });
  });
}
