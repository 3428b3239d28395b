import { expect, test } from 'vitest';
import { isAccepted, refuseFile } from './file-limits.ts';

const file = (name: string, type = '', size = 1) => ({ name, type, size });

test.each([
  ['.csv', file('A.CSV'), true],
  ['.csv', file('a.csv.exe'), false],
  ['image/*', file('x', 'image/png'), true],
  ['image/*', file('x', 'imagery/png'), false],
  ['text/plain', file('x', 'text/plain;charset=utf-8'), true],
  ['text/plain', file('x'), false],
  [' application/pdf , .md ', file('notes.md'), true],
  ['*/*', file('x'), true],
  ['', file('x'), false],
])('With accept "%s", %o counts as a file input counts it.', (accept, given, expected) => {
  expect(isAccepted(given, accept)).toBe(expected);
});

test('Without limits every file goes.', () => {
  expect(refuseFile(file('x', '', 1e12), 1_000, {})).toBeUndefined();
});

test('The sentence names the file and the limit.', () => {
  expect(refuseFile(file('a.csv', '', 2_000_000), 0, { maxFileSize: 1.5 * 1024 * 1024 })!.message).toBe(
    'a.csv is larger than 1.5 MB.',
  );
  expect(refuseFile(file('a.csv'), 1, { maxFiles: 1 })!.message).toBe('A message can carry 1 file.');
});

test('A file of exactly the limit goes.', () => {
  expect(refuseFile(file('a', '', 10), 0, { maxFileSize: 10 })).toBeUndefined();
});
