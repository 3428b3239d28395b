import { parsePartialJson as parseWithPeer } from 'ai';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePartialJson } from './partial-json.ts';

describe('JSON of which only the beginning has arrived', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    ['  ', undefined],
    ['{', {}],
    ['{"a', {}],
    ['{"a"', {}],
    ['{"a":', {}],
    ['{"a":"x', { a: 'x' }],
    ['{"a":"x\\', { a: 'x' }],
    ['{"a":"x\\\\', { a: 'x\\' }],
    ['{"a":"x\\u00e', { a: 'x' }],
    ['{"a":"x\\\\u00', { a: 'x\\u00' }],
    ['{"a":"\\"', { a: '"' }],
    ['{"a\\"b":1,"c', { 'a"b': 1 }],
    ['{"a":-', {}],
    ['{"a":1.', { a: 1 }],
    ['{"a":1.5e', { a: 1.5 }],
    ['{"a":1e+2', { a: 100 }],
    ['[1,', [1]],
    ['[tr', [true]],
    ['[n', [null]],
    ['[nope', []],
    ['[{"a":[', [{ a: [] }]],
    ['[{}]', [{}]],
    ['{"a":{"b":1},', { a: { b: 1 } }],
    ['"x', 'x'],
    ['nul', null],
    ['{"a":1}}', undefined],
    ['{a:1}', undefined],
    ['{"__proto__":{"x":1},"a":"b', { a: 'b' }],
  ])('reads %j', (text, expected) => {
    expect(parsePartialJson(text)).toEqual(expected);
  });

  it('is read as ai@7 reads it, wherever it is cut', async () => {
    const key = fc.stringMatching(/^[a-zé]{0,4}$/);
    const leaf = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.constantFrom(true, false, null, 0.25, -1.5),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value')), fc.dictionary(key, tie('value'))),
    }));
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom(undefined, 2), fc.nat(), async (json, space, cut) => {
        const whole = JSON.stringify(json, undefined, space);
        const text = whole.slice(0, cut % (whole.length + 1));
        expect(parsePartialJson(text)).toEqual((await parseWithPeer(text)).value);
      }),
      { numRuns: 3_000 },
    );
  });

  it('gives any value back from its whole text', () => {
    fc.assert(
      fc.property(
        fc.json().filter((text) => !text.includes('__proto__')),
        (text) => {
          expect(JSON.stringify(parsePartialJson(text))).toBe(JSON.stringify(JSON.parse(text)));
        },
      ),
    );
  });
});
