import type { AssistantMessage } from '@use-assistant/react';
import { expect, it } from 'vitest';
import { imageUrlsOf, segmentsOf } from './message-parts.ts';

const url = (name: string) => `/api/assistant/files/${name}`;
const data = (name: string, mediaType: string) => ({
  type: 'data-file' as const,
  id: name,
  data: { id: name, name, mediaType, size: 1, url: url(name) },
});

it('shows a file once, however often the stream names it, and files that follow one another together', () => {
  const parts: AssistantMessage['parts'] = [
    data('chart.svg', 'image/svg+xml'),
    { type: 'file', url: url('chart.svg'), mediaType: 'image/svg+xml' },
    data('clean.csv', 'text/csv'),
    { type: 'text', text: 'Here.' },
    data('more.csv', 'text/csv'),
  ];
  const segments = segmentsOf(parts);
  const names = segments.map((segment) =>
    segment.kind === 'files' ? segment.files.map((file) => file.name) : segment.kind,
  );
  expect(names).toEqual([['chart.svg', 'clean.csv'], 'text', ['more.csv']]);
  expect([...imageUrlsOf(segments)]).toContain(url('chart.svg'));
});

it('leaves out what nobody looks at: empty text, steps, data of other kinds', () => {
  const parts: AssistantMessage['parts'] = [
    { type: 'step-start' },
    { type: 'text', text: '\n' },
    { type: 'data-value', data: 1 },
  ];
  expect(segmentsOf(parts)).toEqual([]);
});
