import { AssistantResponse as RemovedAssistantResponse } from 'ai-v4';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantResponseContext } from '../../assistant-response.ts';
import type { AssistantsEvent } from '../../from-assistants.ts';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  stepEvent,
  textBlock,
  textDelta,
  textMessage,
  textRun,
  usage,
} from '../events.ts';
import { respondIn } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';
import { play } from '../scripts.ts';
import type { Script } from '../scripts.ts';

const settings = { threadId: 'thread_1', messageId: 'msg_user', protocol: 'v4' as const };

/** What ai@4.3.19 answers. */
function theirs(script: Script): Promise<string> {
  return RemovedAssistantResponse(settings, (context) =>
    play(script, context as unknown as AssistantResponseContext),
  ).text();
}

const forward = (...streams: AssistantsEvent[][]): Script => streams.map((events) => ({ forward: events }));

function changed({ event, data }: AssistantsEvent, changes: object): AssistantsEvent {
  return { event, data: { ...(data as object), ...changes } };
}

const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
const required = {
  required_action: { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [call] } },
};
const functionCall = [
  ...head,
  stepEvent('created', 'step_1', { type: 'tool_calls', tool_calls: [] }),
  callDelta('step_1', call),
  runEvent('requires_action', required),
];
const afterCall = [
  stepEvent('completed', 'step_1', {
    type: 'tool_calls',
    tool_calls: [{ ...call, function: { ...call.function, output: '20' } }],
  }),
  runEvent('queued'),
  runEvent('in_progress'),
  ...textMessage('20 degrees'),
  runEvent('completed', { usage }),
];

/** The wire of 2024, byte for byte. */
export function v4Wire(runtime: Runtime): void {
  const ours = async (script: Script): Promise<string> =>
    (await respondIn(runtime, { settings, script })).text();

  describe('the v4 wire is that of the removed helper', () => {
    const transcripts: Record<string, Script> = {
      'a text': forward(textRun('Hel', 'lo', ' sandbox:/mnt/data/x', ' 🙂\n"\\')),
      'a text that begins with nothing': forward(textRun('', 'Hello')),
      'a message that stays empty': forward([
        ...head,
        messageEvent('created'),
        messageEvent('completed'),
        runEvent('completed'),
      ]),
      'two messages of one run': forward([
        ...head,
        ...textMessage('One'),
        ...textMessage('Two').map((event) => changed(event, { id: 'msg_2' })),
        runEvent('completed'),
      ]),
      'no message at all': forward([...head, runEvent('completed')]),
      'whole messages and data beside the run': [
        { sendDataMessage: { role: 'data', data: { a: [1, null] } } },
        { sendDataMessage: { id: 'data_1', role: 'data', data: 'text' } },
        { forward: textRun('Hello') },
        { sendMessage: { id: 'm', role: 'assistant', content: [{ type: 'text', text: { value: 'More' } }] } },
        { sendDataMessage: { role: 'data', data: null } },
      ],
      'data between the pieces of a text': [
        {
          forward: textRun('a', 'b').flatMap((event) =>
            event.event === 'thread.message.delta'
              ? [event, { sendDataMessage: { role: 'data', data: 1 } }]
              : [event],
          ),
        },
      ],
    };
    for (const [name, script] of Object.entries(transcripts)) {
      it(`for ${name}`, async () => {
        expect(await ours(script)).toBe(await theirs(script));
      });
    }

    it('for any pieces of any texts', async () => {
      const pieces = fc.array(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('s', 'sandbox:/', '\n')),
      );
      await fc.assert(
        fc.asyncProperty(pieces, async (texts) => {
          const script = forward(textRun(...texts));
          expect(await ours(script)).toBe(await theirs(script));
        }),
      );
    });

    it('for a run that calls a function, but for data messages that tell of it', async () => {
      const script = forward(functionCall, afterCall);
      const lines = (await ours(script)).split('\n');
      const added = lines.filter((line) => line.startsWith('6:'));
      expect(added.map((line) => JSON.parse(line.slice(2)).data)).toMatchObject([
        { type: 'tool-input-available', toolName: 'f', input: {} },
        { type: 'tool-output-available', output: 20 },
      ]);
      expect(lines.filter((line) => !added.includes(line)).join('\n')).toBe(await theirs(script));
    });
  });

  describe('where the removed helper was silent', () => {
    it.each([
      ['failed', 'The assistant could not finish its answer.'],
      ['expired', 'The answer took too long and was given up.'],
      ['incomplete', 'The answer is incomplete: a limit was reached.'],
    ])('a run that is %s ends with an error', async (status, sentence) => {
      const last_error = { code: 'server_error', message: 'canary' };
      const wire = await ours(forward([...head, runEvent(status, { last_error })]));
      expect(wire).toContain(`3:${JSON.stringify(sentence)}\n`);
      expect(wire).not.toContain('canary');
    });

    it('a run that was cancelled says so as data', async () => {
      expect(await ours(forward([...head, runEvent('cancelled')]))).toContain(
        '6:{"role":"data","data":{"type":"abort","reason":"run_cancelled"}}\n',
      );
    });

    it('an error that the callback throws is told without its text', async () => {
      const wire = await ours([{ sing: 'error' }]);
      expect(wire).toBe(
        '5:{"threadId":"thread_1","messageId":"msg_user"}\n3:"Something went wrong on the server."\n',
      );
    });

    it('every text of a message is written, refusals too, and citations wait for its end', async () => {
      const annotation = {
        type: 'file_citation',
        text: '[1]',
        start_index: 3,
        end_index: 6,
        file_citation: { file_id: 'file_1' },
      };
      const wire = await ours(
        forward([
          ...head,
          messageEvent('created'),
          textDelta('One[1]'),
          messageDelta({ index: 1, type: 'refusal', refusal: 'No.' }),
          messageEvent('completed', [textBlock('One[1]', [annotation]), { type: 'refusal', refusal: 'No.' }]),
          runEvent('completed'),
        ]),
      );
      const codes = wire.split('\n').map((line) => line.slice(0, 2));
      expect(codes).toEqual(['5:', '4:', '0:', '0:', '0:', '6:', '']);
      expect(wire).toContain('0:"One[1]"\n0:"\\n\\n"\n0:"No."\n6:');
      expect(wire).toContain('"citations":[{"source":');
    });

    it('an id that is not known yet is waited for', async () => {
      const metadata = { user_message_id: 'msg_9' };
      const events = textRun('Hi').map((event) =>
        event.event.startsWith('thread.run') ? changed(event, { metadata }) : event,
      );
      const response = await respondIn(runtime, { settings: { protocol: 'v4' }, script: forward(events) });
      const wire = await response.text();
      expect(wire.startsWith('5:{"threadId":"thread_1","messageId":"msg_9"}\n4:')).toBe(true);
    });

    it('statuses that the route sends are data, and a message without content is not sent so', async () => {
      const response = await respondIn(runtime, {
        settings,
        script: [{ sendStatus: 'queued' }, { append: { a: 1 } }, { sendMessage: { id: 'm', content: [] } }],
      });
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(response.headers.get('cache-control')).toContain('no-transform');
      const wire = await response.text();
      expect(wire).toContain('"type":"data-status"');
      expect(wire).toContain('6:{"role":"data","data":{"type":"data-value","data":{"a":1}}}\n');
      expect(wire).toContain(
        '4:{"id":"m","content":[{"type":"text","text":{"value":""}}],"role":"assistant"}',
      );
    });
  });
}
