import type { AssistantMessage } from '@use-assistant/react';
import { assistantPath } from './safe-url.ts';

type TextPart = Extract<AssistantMessage['parts'][number], { type: 'text' }>;

/** A document that an answer quotes. */
export interface Source {
  /** From 1, in the order in which the answer comes to it. */
  number: number;
  name: string;
  url: string;
}

/** What file search writes where it quotes, such as `【4:0†guide.pdf】`, and the beginning of one still being written. */
const markers = /\s?【[^】]*(?:】|$)/g;

/** The text with a numbered link in the place of each citation; the documents are added to `sources`. */
export function citedText(part: TextPart, sources: Source[]): string {
  const cited = (part.citations ?? [])
    .flatMap(({ source, startIndex, endIndex }) =>
      source.sourceType === 'document' && startIndex !== undefined && endIndex !== undefined
        ? [{ ...numbered(source.id, source.filename ?? source.title, sources), startIndex, endIndex }]
        : [],
    )
    .sort((a, b) => a.startIndex - b.startIndex);
  let text = '';
  let end = 0;
  for (const { number, url, startIndex, endIndex } of cited) {
    if (startIndex < end) continue;
    text += `${part.text.slice(end, startIndex)}[${number}](${url})`;
    end = endIndex;
  }
  // A marker that nothing explains, or not yet, tells a person nothing.
  return (text + part.text.slice(end)).replace(markers, '');
}

function numbered(id: string, name: string, sources: Source[]): Source {
  const url = `${assistantPath}/files/${encodeURIComponent(id)}`;
  let source = sources.find((known) => known.url === url);
  if (!source) sources.push((source = { number: sources.length + 1, name, url }));
  return source;
}
