import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCursor, isAfter, parseCursor } from './cursor.ts';

const cursor = fc.record({
  runId: fc.stringMatching(/^[\w-]{1,128}$/),
  event: fc.nat(),
  chunk: fc.nat(),
});

describe('a cursor', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(cursor, (written) => {
        expect(parseCursor(formatCursor(written))).toEqual(written);
      }),
    );
  });

  it.each([
    '',
    'run_1',
    'run_1:1',
    'run_1:1.',
    'run_1:-1.0',
    'run_1:1.0 ',
    'run_1:1.0\n',
    'a b:1.0',
    ':1.0',
    'r:1e3.0',
  ])('is not made of %j', (text) => {
    expect(parseCursor(text)).toBeUndefined();
  });

  it('stands after those with a smaller event, or a smaller chunk of the same event', () => {
    const at = (event: number, chunk: number) => ({ runId: 'r', event, chunk });
    expect(isAfter(at(2, 0), at(1, 9))).toBe(true);
    expect(isAfter(at(1, 1), at(1, 0))).toBe(true);
    expect(isAfter(at(1, 0), at(1, 0))).toBe(false);
    expect(isAfter(at(1, 9), at(2, 0))).toBe(false);
  });
});
