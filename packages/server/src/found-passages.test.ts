import { expect, it } from 'vitest';
import { toSearchOutput } from './found-passages.ts';

const found = (text: string | undefined) => ({ filename: 'a.txt', score: 0.5, text });

it('tells the passages that came, and of others the file', () => {
  expect(toSearchOutput([found('One.'), found(undefined), found('')])).toEqual({
    results: [
      { filename: 'a.txt', score: 0.5, text: 'One.' },
      { filename: 'a.txt', score: 0.5 },
      { filename: 'a.txt', score: 0.5 },
    ],
  });
});

it('is bounded, however long and many the passages are, and cuts no character', () => {
  const { results } = toSearchOutput(Array.from({ length: 50 }, () => found(`a${'😀'.repeat(5000)}`)));
  expect(results).toHaveLength(50);
  const texts = results.map(({ text }) => text ?? '');
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThanOrEqual(2000);
  expect(texts.join('').length).toBeLessThanOrEqual(16_000);
  expect(texts[0]).toMatch(/^a(😀)+…$/u);
  for (const text of texts) expect(text.isWellFormed()).toBe(true);
});
