import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PartOrder } from './part-order.ts';

type Part = LanguageModelV4StreamPart;

const kinds: ((id: string) => Part[])[] = [
  (id) => [
    { type: 'text-start', id },
    { type: 'text-delta', id, delta: 'a' },
    { type: 'text-delta', id, delta: 'b' },
    { type: 'text-end', id },
  ],
  (id) => [
    { type: 'reasoning-start', id },
    { type: 'reasoning-end', id },
  ],
  (id) => [
    { type: 'tool-input-start', id, toolName: 'weather' },
    { type: 'tool-input-end', id },
    { type: 'tool-call', toolCallId: id, toolName: 'weather', input: '{}' },
  ],
  (id) => [
    { type: 'tool-input-start', id, toolName: 'code_interpreter', providerExecuted: true },
    { type: 'tool-input-delta', id, delta: '{}' },
    { type: 'tool-input-end', id },
    { type: 'tool-call', toolCallId: id, toolName: 'code_interpreter', input: '{}', providerExecuted: true },
    { type: 'tool-result', toolCallId: id, toolName: 'code_interpreter', result: {}, preliminary: true },
    { type: 'tool-result', toolCallId: id, toolName: 'code_interpreter', result: {} },
  ],
];

const finish: Part = {
  type: 'finish',
  finishReason: { unified: 'stop', raw: undefined },
  usage: {
    inputTokens: { total: 1, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 1, text: undefined, reasoning: undefined },
  },
};

test('however things are mixed, each comes out whole, in the order of their beginnings', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(kinds.length - 1), { maxLength: 6 }),
      fc.array(fc.nat(5), { maxLength: 40 }),
      fc.boolean(),
      (chosen, turns, isCut) => {
        const things = chosen.map((kind, index) => kinds[kind]!(`item_${index}`));
        // The stream may end inside a thing.
        if (isCut) things.at(-1)?.pop();
        const queues = things.map((parts) => [...parts]);
        const mixed: Part[] = [];
        const begun: number[] = [];
        const take = (index: number) => {
          const part = queues[index]?.shift();
          if (!part) return;
          mixed.push(part);
          if (!begun.includes(index)) begun.push(index);
        };
        for (const turn of turns) take(turn);
        for (const index of queues.keys()) while (queues[index]!.length > 0) take(index);

        const order = new PartOrder();
        const out = [...mixed, finish].flatMap((part) => order.push(part));
        expect(out.at(-1)).toBe(finish);
        // What follows a thing without an end comes out last, in whatever order.
        const expected = [...begun.flatMap((index) => things[index]!), finish];
        expect(new Set(out)).toEqual(new Set(expected));
        expect(isCut ? expected : out).toEqual(expected);
        expect(order.rest()).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});

test('what is first in line passes at once', () => {
  const order = new PartOrder();
  const [start, delta] = kinds[0]!('a') as [Part, Part];
  expect(order.push(start)).toEqual([start]);
  expect(order.push({ type: 'text-start', id: 'b' })).toEqual([]);
  expect(order.push(delta)).toEqual([delta]);
});
