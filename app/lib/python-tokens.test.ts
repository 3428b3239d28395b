import { expect, it } from 'vitest';
import { pythonTokens } from './python-tokens.ts';

const program = [
  'import csv  # the table',
  'def mean(rows: list) -> float:',
  '    """Of all',
  '    rows."""',
  '    return sum(float(r["x"]) for r in rows) / 1_000.5e3',
  "print(f'{mean([])} it\\'s', None)",
].join('\n');

it('joins back to the program at every length, as it does while the program is being written', () => {
  for (let length = 0; length <= program.length; length += 1) {
    const code = program.slice(0, length);
    const joined = pythonTokens(code).map((token) => token.text);
    expect(joined.join('')).toBe(code);
  }
});

it('tells keywords, strings, numbers, comments and calls apart', () => {
  const kinds = (kind: string) =>
    pythonTokens(program).flatMap((token) => (token.kind === kind ? [token.text] : []));
  expect(kinds('keyword')).toEqual(['import', 'def', 'return', 'for', 'in', 'None']);
  expect(kinds('comment')).toEqual(['# the table']);
  expect(kinds('string')).toEqual(['"""Of all\n    rows."""', '"x"', "f'{mean([])} it\\'s'"]);
  expect(kinds('number')).toEqual(['1_000.5e3']);
  expect(kinds('call')).toEqual(['mean', 'sum', 'float', 'print']);
});

it('takes time in proportion to the text, also where strings never end', () => {
  const hostile = `${'"""\\'.repeat(200_000)}${"'".repeat(200_000)}`;
  // Time that grew with the square would be minutes: beyond the limit of a test.
  const text = pythonTokens(hostile)
    .map((token) => token.text)
    .join('');
  expect(text).toBe(hostile);
});
