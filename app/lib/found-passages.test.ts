import { expect, test } from 'vitest';
import { passagesOf } from './found-passages.ts';

test('the passages of a search are shown without the space around them', () => {
  const results = [
    { filename: 'rules.md', score: 0.9, text: '\n\n# Rules\n\n\n\nBe kind. ' },
    { filename: 'more.md', score: 0.5 },
  ];
  expect(passagesOf({ results })).toEqual([
    { place: 0, filename: 'rules.md', text: '# Rules\n\nBe kind.' },
    { place: 1, filename: 'more.md', text: '' },
  ]);
});

test.each([undefined, null, 'text', {}, { results: 1 }])('%j holds no passages', (output) => {
  expect(passagesOf(output)).toEqual([]);
});

test('a result that is no passage has a place and says nothing', () => {
  expect(passagesOf({ results: [null, { filename: 1, text: {} }] })).toEqual([
    { place: 0, filename: 'a file', text: '' },
    { place: 1, filename: 'a file', text: '' },
  ]);
});
