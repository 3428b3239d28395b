import { describe, expect, test } from 'vitest';
import { docx, pdf } from '../test-support/documents.ts';
import { extractText } from './extract.ts';

const read = (bytes: Uint8Array | string, name: string) =>
  extractText(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, name);

describe('the text of a file', () => {
  test('is read from a PDF, page by page', async () => {
    const text = await read(
      pdf(['Quarterly report: revenue rose.', 'Second page, with (brackets).']),
      'r.pdf',
    );
    expect(text).toBe('Quarterly report: revenue rose.\n\nSecond page, with (brackets).');
  });

  test('is read from a DOCX, paragraph by paragraph', async () => {
    const text = await read(docx(['Dear customer,', 'your café order & more has shipped.']), 'letter.docx');
    expect(text.trim().split(/\n+/)).toEqual(['Dear customer,', 'your café order & more has shipped.']);
  });

  test('of a page is what its reader sees', async () => {
    const html = `<!doctype html><title>Guide</title><style>p{}</style><script>alert("<p>no</p>")</script>
      <h1>Return&nbsp;policy</h1><p>Free &amp; easy,<br>for   30 days.<p>Next <b>bold</b>ly<table><tr><td>a<td>b</table>`;
    expect(await read(html, 'a.html')).toBe(
      'Guide\n\nReturn policy\n\nFree & easy,\nfor 30 days.\n\nNext boldly\n\na\tb',
    );
  });

  test.each([
    ['utf-8 with its mark', [0xef, 0xbb, 0xbf, ...Buffer.from('Grüße')]],
    ['utf-16, little end first', [0xff, 0xfe, ...Buffer.from('Grüße', 'utf16le')]],
    ['utf-16, big end first', [0xfe, 0xff, ...Buffer.from('Grüße', 'utf16le').swap16()]],
    ['utf-16 without its mark', [...Buffer.from('Grüße', 'utf16le')]],
  ])('may be in %s', async (_, bytes) => {
    expect(await read(Uint8Array.from(bytes), 'a.txt')).toBe('Grüße');
  });

  test('may be code or data of any kind that is text', async () => {
    expect(await read('a,b\r\n1,2\r\n', 'a.csv')).toBe('a,b\n1,2\n');
    expect(await read('{"a": 1}', 'a.json')).toBe('{"a": 1}');
    expect(await read('fn main() {}', 'Makefile')).toBe('fn main() {}');
  });

  test.each([
    ['an image', 'unsupported_file', 'photo.png', Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 1, 2)],
    ['a spreadsheet', 'unsupported_file', 'a.xlsx', docx(['x'])],
    ['an archive called .docx', 'invalid_file', 'a.docx', Buffer.from('PK\u0003\u0004 and nothing else')],
    ['a broken PDF', 'invalid_file', 'a.pdf', Buffer.from('%PDF-1.7 and nothing else')],
    ['Latin-1', 'invalid_file', 'a.txt', Buffer.from('Grüße', 'latin1')],
    ['an empty file', 'invalid_file', 'a.txt', Buffer.from(' \n ')],
    ['a PDF of images', 'invalid_file', 'a.pdf', pdf([''])],
  ])('is not there in %s: %s', async (_, code, name, bytes) => {
    await expect(read(bytes, name)).rejects.toMatchObject({ name: 'ExtractionError', code });
  });

  test('of a document that would unpack beyond measure is not read', async () => {
    const bomb = docx(['x'], { claimedSize: 0x7fff_ffff });
    await expect(read(bomb, 'a.docx')).rejects.toMatchObject({
      message: 'The document is too large once it is unpacked.',
    });
  });

  test('of hostile markup is read in time that grows with its length', async () => {
    for (const piece of [
      '<p ',
      '<!--',
      '&',
      '<a href="',
      '</',
      '<svg>',
      '<b>',
      '<div><table>',
      '\n ',
      '<pre>\n',
    ]) {
      // Time that grew with the square would be minutes: beyond the limit of a test.
      await expect(read(`x${piece.repeat(500_000)}`, 'a.html')).resolves.toBeDefined();
    }
  });
});
