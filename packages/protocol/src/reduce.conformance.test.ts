import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantChunk, AssistantMessage } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { createReducer } from './create-reducer.ts';
import { legalStream } from './test-support/legal-stream.ts';
import { reduceWithPeer } from './test-support/peer.ts';
import { transcript } from './test-support/transcript.ts';
import { createVerifier } from './verify.ts';

/** Makes the peer write a last snapshot: it writes none for steps and ends. */
const sync: AssistantChunk = { type: 'message-metadata', messageMetadata: {} };

function reduce(chunks: AssistantChunk[], message?: AssistantMessage): AssistantMessage {
  const reducer = createReducer(message);
  for (const chunk of chunks) reducer.apply(chunk);
  return reducer.message();
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const nested of Object.values(value)) deepFreeze(nested);
}

describe('the message, beside the one that ai@7 makes', () => {
  it.each(transcript.map((chunk, index) => [index, chunk.type] as const))(
    'is equal after chunk %i, %s, of the transcript',
    async (index) => {
      const chunks = [...transcript.slice(0, index + 1), sync];
      expect(reduce(chunks)).toEqual((await reduceWithPeer(chunks)).message);
    },
  );

  it('is equal at any point of any legal stream, whenever it was looked at before', async () => {
    await fc.assert(
      fc.asyncProperty(legalStream, fc.nat(), fc.infiniteStream(fc.boolean()), async (stream, cut, looks) => {
        const chunks = [...stream.slice(0, 1 + (cut % stream.length)), sync];
        const reducer = createReducer();
        for (const chunk of chunks) {
          reducer.apply(chunk);
          // A frozen snapshot makes every later write into it throw.
          if (looks.next().value) deepFreeze(reducer.message());
        }
        expect(reducer.message()).toEqual((await reduceWithPeer(chunks)).message);
      }),
      { numRuns: 400 },
    );
  });

  it('is equal when a stored message goes on', async () => {
    await fc.assert(
      fc.asyncProperty(legalStream, fc.nat(), async (stream, cut) => {
        const at = 1 + (cut % stream.length);
        const stored = structuredClone(reduce(stream.slice(0, at)));
        const rest = [
          ...stream.slice(at).filter((chunk) => !/^(text|reasoning)-(delta|end)/.test(chunk.type)),
          sync,
        ];
        expect(reduce(rest, stored)).toEqual((await reduceWithPeer(rest, stored)).message);
      }),
      { numRuns: 200 },
    );
  });

  const call = { toolCallId: 'c', toolName: 'look' };
  const begin: AssistantChunk = { type: 'tool-input-start', ...call, title: 'Look' };
  const half: AssistantChunk = { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"a":[1' };
  const available: AssistantChunk = { type: 'tool-input-available', ...call, input: 1 };
  const output: AssistantChunk = { type: 'tool-output-available', toolCallId: 'c', output: null };
  const step: AssistantChunk = { type: 'start-step' };

  it.each<[string, AssistantChunk[]]>([
    [
      'an approval for half an input',
      [begin, half, { type: 'tool-approval-request', toolCallId: 'c', approvalId: 'p' }],
    ],
    ['an output for half an input', [begin, half, output]],
    [
      'an error for half an input',
      [begin, half, { type: 'tool-output-error', toolCallId: 'c', errorText: '' }],
    ],
    ['a denial for half an input', [begin, half, { type: 'tool-output-denied', toolCallId: 'c' }]],
    [
      'an input error after half an input',
      [begin, half, { type: 'tool-input-error', ...call, input: 1, errorText: '' }],
    ],
    [
      'an input error without a start',
      [{ type: 'tool-input-error', ...call, input: 1, errorText: '', title: 'x' }],
    ],
    [
      'an input error that forgets that its call is dynamic',
      [
        { ...begin, dynamic: true },
        { type: 'tool-input-error', ...call, input: 1, errorText: '', title: 'x' },
      ],
    ],
    ['a call that begins twice', [begin, half, begin, half]],
    ['a call that changes its name', [begin, half, { ...available, toolName: 'see' }]],
    ['one id for a call and a dynamic call', [available, { ...available, dynamic: true }, output]],
    ['one id in two steps', [step, available, output, step, available, output]],
    ['an output in a later step', [step, available, step, output]],
    ['an output after a second look', [step, available, output, output]],
  ])('is equal though the order is odd: %s', async (_, odd) => {
    for (let length = 1; length <= odd.length; length += 1) {
      const chunks = [transcript[0]!, ...odd.slice(0, length), sync];
      expect(reduce(chunks)).toEqual((await reduceWithPeer(chunks)).message);
    }
  });

  it('is equal when a stored message has ids twice', async () => {
    const data = { type: 'data-value' as const, id: 'a', data: 1 };
    const tool = { type: 'tool-look' as const, toolCallId: 'c', state: 'input-available' as const, input: 1 };
    const stored: AssistantMessage = {
      id: 'm',
      role: 'assistant',
      parts: [data, { ...data }, tool, { ...tool }],
    };
    const chunks: AssistantChunk[] = [{ type: 'data-value', id: 'a', data: 2 }, output, sync];
    expect(reduce(chunks, stored)).toEqual((await reduceWithPeer(chunks, stored)).message);
  });

  it('begins anew where a start has another id, and goes on where it has the same', async () => {
    for (const messageId of ['run_1', 'run_2']) {
      const chunks: AssistantChunk[] = [
        ...transcript,
        { type: 'start', messageId },
        { type: 'start-step' },
        sync,
      ];
      expect(reduce(chunks)).toEqual((await reduceWithPeer(chunks)).message);
    }
  });

  it.each<AssistantChunk>([
    { type: 'text-delta', id: 'x', delta: '' },
    { type: 'text-end', id: 'x' },
    { type: 'reasoning-delta', id: 'x', delta: '' },
    { type: 'reasoning-end', id: 'x' },
    { type: 'tool-input-delta', toolCallId: 'x', inputTextDelta: '' },
    { type: 'tool-output-available', toolCallId: 'x', output: 1 },
    { type: 'tool-output-error', toolCallId: 'x', errorText: '' },
    { type: 'tool-output-denied', toolCallId: 'x' },
    { type: 'tool-approval-request', toolCallId: 'x', approvalId: 'y' },
    { type: 'tool-approval-response', approvalId: 'y', approved: true },
    { type: 'tool-output-available', toolCallId: '__proto__', output: 1 },
    { type: 'text-delta', id: 'constructor', delta: '' },
  ])('stops where the peer stops: $type for what has not begun', async (chunk) => {
    const reducer = createReducer();
    reducer.apply(transcript[0]!);
    const before = reducer.message();
    expect(() => reducer.apply(chunk)).toThrow(AssistantError);
    expect(reducer.message()).toBe(before);
    expect((await reduceWithPeer([transcript[0]!, chunk])).error).toBeInstanceOf(Error);
  });

  it.each<[string, AssistantChunk[]]>([
    ['a text', [{ type: 'text-start', id: 'a' }, { type: 'reset-step' }, { type: 'text-end', id: 'a' }]],
    [
      'a reasoning',
      [{ type: 'reasoning-start', id: 'a' }, { type: 'reset-step' }, { type: 'reasoning-end', id: 'a' }],
    ],
    ['an input', [begin, { type: 'reset-step' }, half]],
    ['a call', [available, { type: 'reset-step' }, output]],
  ])('stops where the peer stops: %s that was taken back goes on', async (_, chunks) => {
    expect(() => reduce([step, ...chunks])).toThrow(AssistantError);
    expect((await reduceWithPeer([step, ...chunks])).error).toBeInstanceOf(Error);
  });
});

describe('the streams of these tests', () => {
  it('pass the verifier', () => {
    const verify = (stream: AssistantChunk[]) => {
      const verifier = createVerifier();
      for (const chunk of stream) verifier.check(chunk);
      verifier.end();
    };
    fc.assert(
      fc.property(legalStream, (stream) => {
        expect(() => verify(stream)).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });
});
