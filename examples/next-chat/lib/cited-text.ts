import type { AssistantMessage } from '@use-assistant/react';

/** A text of an answer, with what it cites. */
export type TextPart = Pick<
  Extract<AssistantMessage['parts'][number], { type: 'text' }>,
  'text' | 'citations'
>;

/** A document that the text cites. */
export interface Source {
  name: string;
  url: string;
}

/** The title of links that are citations. */
export const citation = 'citation';

/** What file search writes where it cites, such as `【4:0†guide.pdf】`, and the beginning of one still being written. */
const markers = /\s?【[^】]*(?:】|$)/g;

/** The text as Markdown, each cited range made a link that is the number of its source; `files` is where files are found. */
export function citedText(
  { text, citations = [] }: TextPart,
  files: string,
): { text: string; sources: Source[] } {
  const sources: Source[] = [];
  const ranges = citations.flatMap(({ source, startIndex, endIndex }) =>
    source.sourceType === 'document' && startIndex !== undefined && endIndex !== undefined
      ? [{ source, startIndex, endIndex }]
      : [],
  );
  let cited = '';
  let end = 0;
  for (const { source, startIndex, endIndex } of ranges.sort((a, b) => a.startIndex - b.startIndex)) {
    if (startIndex < end) continue;
    const url = files + encodeURIComponent(source.id);
    let index = sources.findIndex((known) => known.url === url);
    if (index === -1) index = sources.push({ name: source.filename ?? source.title, url }) - 1;
    cited += `${text.slice(end, startIndex)}[${index + 1}](${url} "${citation}")`;
    end = endIndex;
  }
  // A marker that nothing explains, or not yet, tells a person nothing.
  return { text: (cited + text.slice(end)).replaceAll(markers, ''), sources };
}
