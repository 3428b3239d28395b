import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toFilename } from './filenames.ts';

test.each([
  ['C:\\Users\\me\\a.csv', 'a.csv'],
  ['../../etc/passwd', 'passwd'],
  ['a\u0000\u202eb\n.txt', 'ab.txt'],
  ['', 'file'],
  ['x/..', 'file'],
  ['\u0007', 'file'],
  ['half \ud83d.txt', 'half \ufffd.txt'],
])('%j is kept as %j', (name, kept) => {
  expect(toFilename(name)).toBe(kept);
});

test.each([
  ['€'.repeat(200) + '.csv', '€'.repeat(83) + '.csv'],
  ['😀'.repeat(100) + '.tar.gz', '😀'.repeat(63) + '.gz'],
  ['a'.repeat(300), 'a'.repeat(255)],
  [`a.${'b'.repeat(300)}`, `a.${'b'.repeat(253)}`],
  [`.${'b'.repeat(300)}`, `.${'b'.repeat(254)}`],
])('%# a name that no file system takes is cut between characters, before its ending', (name, kept) => {
  expect(toFilename(name)).toBe(kept);
});

test('whatever it is given, a name is one that a file system takes, and stays the same when it comes again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (name) => {
      const kept = toFilename(name);
      expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(255);
      expect(kept.isWellFormed()).toBe(true);
      expect(kept).not.toMatch(/^$|^\.{1,2}$|[/\\\0]/);
      expect(toFilename(kept)).toBe(kept);
    }),
  );
});
