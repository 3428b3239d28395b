import { deflateSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { docx, pdf } from '../test-support/documents.ts';
import { DocumentReader, type DocumentLimits } from './document-reader.ts';

const signal = new AbortController().signal;

function start(limits?: DocumentLimits): DocumentReader {
  const reader = new DocumentReader(limits);
  onTestFinished(() => reader.close());
  return reader;
}

/** A PDF whose one page is drawn by this program, packed as often as asked. */
function drawn(program: Uint8Array, packed = 0): Uint8Array {
  let stream = program;
  for (let times = 0; times < packed; times++) stream = deflateSync(stream, { level: 9 });
  const filters = '/FlateDecode '.repeat(packed);
  const head = (text: string) => Buffer.from(text, 'latin1');
  return Buffer.concat([
    head('%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n'),
    head('2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n'),
    head(
      '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << >> >>\nendobj\n',
    ),
    head(`4 0 obj\n<< /Length ${stream.length} /Filter [${filters}] >>\nstream\n`),
    stream,
    head('\nendstream\nendobj\ntrailer\n<< /Size 5 /Root 1 0 R >>\n%%EOF'),
  ]);
}

test('documents of every kind are read one after the other and side by side', async () => {
  const reader = start();
  const read = (bytes: Uint8Array | string, name: string) =>
    reader.read(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, name, { signal });
  expect(await read('plain', 'a.txt')).toBe('plain');
  expect(await read('a '.repeat(300_000), 'a.txt')).toHaveLength(600_000);
  const texts = await Promise.all([
    read(pdf(['one', 'two']), 'a.pdf'),
    read(docx(['three']), 'a.docx'),
    read('<p>four', 'a.html'),
    read(pdf(['five']), 'b.pdf'),
  ]);
  expect(texts.map((text) => text.trim())).toEqual(['one\n\ntwo', 'three', 'four', 'five']);
  expect(await read(pdf(['six']), 'c.pdf')).toBe('six');
});

test('what a document lacks is told as it is without a worker, and the next one is read', async () => {
  const reader = start();
  for (const [bytes, code] of [
    [Buffer.from('%PDF-1.7 and nothing else'), 'invalid_file'],
    [docx(['x'], { claimedSize: 0x7fff_ffff }), 'invalid_file'],
    [Buffer.from('PK\u0003\u0004'), 'unsupported_file'],
  ] as const) {
    const name = code === 'unsupported_file' ? 'a.xlsx' : 'a.docx';
    await expect(reader.read(bytes, name, { signal })).rejects.toMatchObject({
      name: 'ExtractionError',
      code,
    });
  }
  expect(await reader.read(pdf(['fine']), 'a.pdf', { signal })).toBe('fine');
});

test('a document that takes for ever is given up, stops nobody meanwhile, and the next one is read', async () => {
  const reader = start({ milliseconds: 3000 });
  // Sixty million steps to draw nothing.
  const endless = drawn(Buffer.from('q Q '.repeat(30_000_000)), 1);
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 10);
  onTestFinished(() => clearInterval(counting));
  await expect(reader.read(endless, 'a.pdf', { signal })).rejects.toMatchObject({
    code: 'invalid_file',
    message: 'The document could not be read within 3 seconds.',
  });
  // On the thread of the streams it would have been none.
  expect(turns).toBeGreaterThan(10);
  expect(await reader.read(pdf(['fine']), 'a.pdf', { signal })).toBe('fine');
});

test('a document that unpacks beyond measure is given up before it has the memory', async () => {
  const reader = start({ megabytes: 64 });
  const bomb = drawn(Buffer.alloc(300_000_000, ' '), 2);
  expect(bomb.length).toBeLessThan(100_000);
  await expect(reader.read(bomb, 'a.pdf', { signal })).rejects.toMatchObject({
    code: 'invalid_file',
    message: 'Reading the document takes too much memory.',
  });
  expect(await reader.read(pdf(['fine']), 'a.pdf', { signal })).toBe('fine');
});

test('a document whose objects fill the heap is given up', async () => {
  const reader = start({ megabytes: 48 });
  const page = Buffer.from('<p>a<p>b'.repeat(5_000_000));
  await expect(reader.read(page, 'a.html', { signal })).rejects.toMatchObject({
    message: 'Reading the document takes too much memory.',
  });
});

test('an abort ends the reading at once, with its own reason; so does closing', async () => {
  const reader = start();
  const slow = drawn(Buffer.from('q Q '.repeat(5_000_000)), 1);
  const abort = new AbortController();
  const aborted = reader.read(slow, 'a.pdf', { signal: abort.signal });
  const closed = reader.read(slow, 'a.pdf', { signal });
  abort.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
  await reader.close();
  await expect(closed).rejects.toThrow('has ended');
});
