import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodeInputDecoder, parseCodeInput } from './code-input.ts';

function decode(fragments: string[]): string[] {
  const decoder = new CodeInputDecoder();
  return fragments.map((fragment) => decoder.push(fragment));
}

test('the code of any arguments comes out whole, wherever the JSON text is cut', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string({ maxLength: 4 }), fc.jsonValue({ maxDepth: 2 })),
      fc.boolean(),
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.integer({ min: 0, max: 2 }),
      (code, others, isFirst, cuts, indent) => {
        const input = isFirst ? Object.assign({ code }, others, { code }) : { ...others, code };
        const escaped = JSON.stringify(input, null, indent).replaceAll(
          /[\u007f-\uffff]/g,
          (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        for (const text of [JSON.stringify(input, null, indent), escaped]) {
          const places = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
          const fragments = [0, ...places].map((start, index) => text.slice(start, places[index]));
          expect(decode(fragments).join('')).toBe(code);
          expect(parseCodeInput(text)).toBe(code);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the code comes out as it comes in, not at the end', () => {
  expect(decode(['{"co', 'de": "pri', 'nt(1)\\', 'nx', '"}'])).toEqual(['', 'pri', 'nt(1)', '\nx', '']);
});

test('a character of two halves is given out whole', () => {
  expect(decode(['{"code":"\\ud83d', '\\ude0', '0"}'])).toEqual(['', '', '😀']);
});

test('only the member of the outermost object counts', () => {
  expect(decode(['{"a":{"code":"no"},"b":["code","no"],"code":"yes"}'])).toEqual(['yes']);
});

// Looked at again with each one, they would take minutes: beyond the limit of a test.
test('each character is looked at once: a megabyte in single characters is quick', () => {
  const text = JSON.stringify({ code: 'x = 1\n'.repeat(150_000) });
  const decoder = new CodeInputDecoder();
  let length = 0;
  for (const letter of text) length += decoder.push(letter).length;
  expect(length).toBe(900_000);
});

test('a model that sends the Python itself, or a JSON string of it, is understood; anything else is not', () => {
  expect(parseCodeInput('print(1)')).toBe('print(1)');
  expect(parseCodeInput('"print(1)"')).toBe('print(1)');
  expect(parseCodeInput('{"code": 1}')).toBeUndefined();
  expect(parseCodeInput('{"cod')).toBeUndefined();
  expect(parseCodeInput('')).toBeUndefined();
});
