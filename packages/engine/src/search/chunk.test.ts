import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunkText, countTokens } from './chunk.ts';

const cut = (text: string, max: number, overlap: number) => [...chunkText(text, { max, overlap })];

test('tokens are counted as words of six letters, signs without spaces, and marks', () => {
  expect(countTokens('The internationalization of it.')).toBe(1 + 4 + 1 + 1 + 1);
  expect(countTokens('两年保修')).toBe(4);
  expect(countTokens(' \n ')).toBe(0);
});

test('a text is cut between sentences, and rather between paragraphs', () => {
  const sentences = cut('One two three. Four five six. Seven eight nine.', 8, 0);
  expect(sentences.map(({ text }) => text)).toEqual(['One two three. Four five six. ', 'Seven eight nine.']);
  const paragraphs = cut('One two three. Four five.\n\nSix. Seven eight nine ten.', 9, 0);
  expect(paragraphs[0]!.text).toBe('One two three. Four five.\n\n');
});

test('each chunk begins with the end of the one before', () => {
  const text = Array.from({ length: 40 }, (_, index) => `Line ${index}.`).join('\n');
  const chunks = cut(text, 30, 9);
  for (const [index, chunk] of chunks.slice(1).entries()) {
    const before = chunks[index]!;
    expect(chunk.start).toBeLessThan(before.start + before.text.length);
    const repeated = before.text.slice(chunk.start - before.start);
    expect(countTokens(repeated)).toBeLessThanOrEqual(9);
  }
});

test('any text is covered without a gap, in chunks that keep to the size, and going forward', () => {
  const piece = fc.oneof(
    fc.constantFrom(' ', '\n', '\n\n', '. ', '。', '!', 'a', 'word', '两', '😀', 'x'.repeat(900), '.....'),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
  );
  const texts = fc.array(piece, { maxLength: 150 }).map((pieces) => pieces.join(''));
  const seed = Date.now() & 0x7fffffff;
  fc.assert(
    fc.property(
      texts,
      fc.integer({ min: 8, max: 60 }),
      fc.integer({ min: 0, max: 4 }),
      (text, max, share) => {
        const chunks = cut(text, max, Math.floor((max * share) / 8));
        let end = 0;
        let start = -1;
        for (const chunk of chunks) {
          expect(text.slice(chunk.start, chunk.start + chunk.text.length)).toBe(chunk.text);
          expect(countTokens(chunk.text)).toBeLessThanOrEqual(max);
          expect(chunk.text.isWellFormed()).toBe(true);
          expect(chunk.start).toBeGreaterThan(start);
          expect(text.slice(end, Math.max(end, chunk.start)).trim()).toBe('');
          start = chunk.start;
          end = chunk.start + chunk.text.length;
        }
        expect(text.slice(end).trim()).toBe('');
      },
    ),
    { seed, numRuns: 300 },
  );
});

// Time that grew with the square would be minutes: beyond the limit of a test.
test('a long text of any kind is cut in time that grows with its length', () => {
  for (const piece of ['.', '\n', ' ', 'a', 'a b. ', '"', '. "', '\n ', '!)']) {
    const text = piece.repeat(200_000);
    const chunks = Array.from(chunkText(text, { max: 800, overlap: 400 }));
    expect(chunks.length > 0).toBe(text.trim() !== '');
  }
});
