import { expect, it } from 'vitest';
import { citedText } from '../lib/cited-text.ts';

const cite = (id: string, startIndex: number, endIndex: number) => ({
  source: {
    type: 'source' as const,
    sourceType: 'document' as const,
    id,
    mediaType: 'text/plain',
    title: id,
    filename: `${id}.md`,
  },
  startIndex,
  endIndex,
});

it('puts a numbered link in the place of each citation, one number for each document', () => {
  const text = 'Bees【0†a】 and wasps【1†b】, bees again【0†a】.';
  const citations = [cite('a', 36, 41), cite('a', 4, 9), cite('b', 19, 24)];
  expect(citedText({ text, citations }, '/files/')).toEqual({
    text: 'Bees[1](/files/a "citation") and wasps[2](/files/b "citation"), bees again[1](/files/a "citation").',
    sources: [
      { name: 'a.md', url: '/files/a' },
      { name: 'b.md', url: '/files/b' },
    ],
  });
});

it('shows no marker that nothing explains, nor the beginning of one', () => {
  expect(citedText({ text: 'Bees 【4:0†a.md】 sting 【4:' }, '/files/')).toEqual({
    text: 'Bees sting',
    sources: [],
  });
});
