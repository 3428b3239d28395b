import { expect, test } from 'vitest';
import { annotate, readCitations } from './citations.ts';

const text = 'Grüße 😀: sandbox:/mnt/data/a.csv and sandbox:/mnt/data/b%20c.csv';
const link = 'sandbox:/mnt/data/a.csv';
const start = text.indexOf(link);
const cited = (from: number, to: number, name = 'a.csv') => ({
  fileId: 'file-1',
  name,
  start: from,
  end: to,
});

test('a place counted in whole characters and one counted in UTF-16 are the same place', () => {
  const expected = [
    {
      type: 'file_path',
      text: link,
      start_index: start,
      end_index: start + link.length,
      file_path: { file_id: 'file-1' },
    },
  ];
  expect(annotate(text, [], [cited(start, start + link.length)])).toEqual(expected);
  expect(annotate(text, [], [cited(start - 1, start - 1 + link.length)])).toEqual(expected);
});

test('a place that does not name the file is none: no other text is taken for a link', () => {
  const wrong = [cited(0, 0), cited(0, 5), cited(5, 2), cited(text.length, text.length + 9), cited(9e9, 9e9)];
  expect(annotate(text, [], wrong)).toEqual([]);
});

test('a citation knows its file better than a link of the same name; the other links stay', () => {
  const other = 'sandbox:/mnt/data/b%20c.csv';
  const path = (written: string, file_id: string) => ({
    type: 'file_path' as const,
    text: written,
    start_index: text.indexOf(written),
    end_index: text.indexOf(written) + written.length,
    file_path: { file_id },
  });
  const links = [path(link, 'file-old'), path(other, 'file-2')];
  expect(annotate(text, links, [cited(start, start + link.length)])).toEqual([
    path(link, 'file-1'),
    path(other, 'file-2'),
  ]);
  const encoded = cited(text.indexOf(other), text.indexOf(other) + other.length, 'b c.csv');
  expect(annotate(text, [links[0]!], [encoded])).toEqual([links[0], path(other, 'file-1')]);
});

test('only citations of containers are read, whoever the provider is', () => {
  const annotation = {
    type: 'container_file_citation',
    container_id: 'cntr_1',
    file_id: 'cfile_1',
    filename: 'a.csv',
    start_index: 1,
    end_index: 2,
  };
  const odd = [annotation, null, { type: 'url_citation' }, { ...annotation, start_index: -1 }];
  expect(readCitations({ azure: { annotations: odd }, other: { annotations: 'x' } })).toEqual([
    { containerId: 'cntr_1', containerFileId: 'cfile_1', name: 'a.csv', start: 1, end: 2 },
  ]);
  expect(readCitations(undefined)).toEqual([]);
});

test('markers of the engine are not counted by whoever cites, wherever they stand', () => {
  const marker = '【1:0†a.csv】';
  for (const places of [[0], [5], [start], [start + link.length], [0, 5, 5, start], [text.length]]) {
    let marked = text;
    const marks = places.map((at, number) => {
      const place = at + number * marker.length;
      marked = marked.slice(0, place) + marker + marked.slice(place);
      return { at, length: marker.length };
    });
    const at = marked.indexOf(link);
    const [annotation] = annotate(marked, [], [cited(start, start + link.length)], marks);
    expect(annotation).toMatchObject({ text: link, start_index: at, end_index: at + link.length });
  }
});
