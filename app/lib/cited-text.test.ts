import type { AssistantMessage } from '@use-assistant/react';
import { describe, expect, it } from 'vitest';
import { citedText, type Source } from './cited-text.ts';

type TextPart = Extract<AssistantMessage['parts'][number], { type: 'text' }>;

const text = 'Returns are free 【4:0†guide.pdf】 for a month 【4:1†hours.txt】, really 【4:0†guide.pdf】.';

function cite(marker: string, from: number, id: string): NonNullable<TextPart['citations']>[number] {
  const startIndex = text.indexOf(marker, from);
  return {
    source: {
      type: 'source',
      sourceType: 'document',
      id,
      mediaType: 'text/plain',
      title: id,
      filename: `${id}.txt`,
    },
    startIndex,
    endIndex: startIndex + marker.length,
  };
}

describe('a text with citations', () => {
  it('links each place to its document, the same document by the same number', () => {
    const sources: Source[] = [];
    const citations = [
      cite('【4:0†guide.pdf】', 40, 'guide'),
      cite('【4:0†guide.pdf】', 0, 'guide'),
      cite('【4:1†hours.txt】', 0, 'hours'),
    ];
    expect(citedText({ type: 'text', text, citations }, sources)).toBe(
      'Returns are free [1](/api/assistant/files/guide) for a month [2](/api/assistant/files/hours), really [1](/api/assistant/files/guide).',
    );
    expect(sources.map(({ name }) => name)).toEqual(['guide.txt', 'hours.txt']);
  });

  it('shows no marker that is still being written or that nothing explains', () => {
    expect(citedText({ type: 'text', text: 'It opens at nine 【4:0†gui' }, [])).toBe('It opens at nine');
    expect(citedText({ type: 'text', text }, [])).toBe('Returns are free for a month, really.');
  });
});
