import { refusal } from '../public-errors.ts';
import { concatenate } from './read-body.ts';

/** One part of a form. Its body is read, or passed over, before the next part is asked for. */
export interface FormPart {
  name: string;
  /** Set for files. */
  filename: string | undefined;
  body: AsyncIterable<Uint8Array>;
}

/** All that stands around the files: boundaries, headers, other fields, and what no part holds. */
const maxAround = 64 * 1024;
const maxHeaderSize = 16 * 1024;
const maxParts = 32;

/** The boundary that a content type names; undefined when it is no multipart form. */
export function boundaryOf(contentType: string): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const match = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70})(?=\s*(?:;|$)))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

/**
 * The parts of a multipart form, one after the other, as they come. `Request.formData()` would hold all of it in memory, and
 * the parsers that do not are made of Node's streams.
 */
export async function* readParts(
  chunks: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart, undefined> {
  const input = chunks[Symbol.asyncIterator]();
  const delimiter = new TextEncoder().encode(`\r\n--${boundary}`);
  let around = 0;
  // The first boundary stands at the beginning of a line as well.
  let buffer: Uint8Array = new Uint8Array([13, 10]);

  async function fill(): Promise<void> {
    const { done, value } = await input.next();
    if (done) throw malformed();
    buffer = buffer.length === 0 ? value : concatenate([buffer, value]);
  }

  function count(bytes: number): void {
    around += bytes;
    if (around > maxAround) throw refusal('file_too_large', 'The form has too much beside its file.');
  }

  /** The bytes up to the mark, which is taken too. */
  async function* upTo(mark: Uint8Array): AsyncGenerator<Uint8Array> {
    for (;;) {
      const end = find(buffer, mark);
      const piece = buffer.subarray(0, end === -1 ? Math.max(0, buffer.length - mark.length + 1) : end);
      buffer = buffer.subarray(end === -1 ? piece.length : end + mark.length);
      if (piece.length > 0) yield piece;
      if (end !== -1) return;
      await fill();
    }
  }

  async function readHeader(): Promise<string> {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of upTo(headerEnd)) {
      count(piece.length);
      size += piece.length;
      if (size > maxHeaderSize) throw malformed();
      pieces.push(piece);
    }
    return new TextDecoder().decode(concatenate(pieces));
  }

  async function passOver(pieces: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const piece of pieces) count(piece.length);
  }

  try {
    await passOver(upTo(delimiter));
    for (let parts = 0; ; parts += 1) {
      while (buffer.length < 2) await fill();
      if (buffer[0] === dash && buffer[1] === dash) return undefined;
      if (buffer[0] !== 13 || buffer[1] !== 10 || parts === maxParts) throw malformed();
      // The break that ends the boundary's line stays: a part without headers has nothing but a second one.
      const { name, filename } = readNames(await readHeader());
      count(delimiter.length + 4);
      const body = upTo(delimiter);
      yield { name, filename, body };
      await passOver(body);
    }
  } finally {
    await input.return?.();
  }
}

const dash = 0x2d;
const headerEnd = new Uint8Array([13, 10, 13, 10]);

/** What a part's header says of it. */
function readNames(header: string): { name: string; filename: string | undefined } {
  const line = /(?:^|\r\n)content-disposition:[ \t]*form-data((?:[^\r\n]*)(?:\r\n[ \t][^\r\n]*)*)/i.exec(
    header,
  )?.[1];
  if (line === undefined) throw malformed();
  const name = parameter(line, 'name');
  if (name === undefined) throw malformed();
  return { name, filename: parameter(line, 'filename') };
}

/** A parameter as browsers write it: quotes within it come as `%22`, or behind a backslash. */
function parameter(line: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]+))`, 'i').exec(line);
  return match === null ? undefined : (match[1]?.replaceAll('\\"', '"').replaceAll('%22', '"') ?? match[2]);
}

function find(bytes: Uint8Array, mark: Uint8Array): number {
  for (let start = bytes.indexOf(mark[0]!); start !== -1; start = bytes.indexOf(mark[0]!, start + 1)) {
    if (start + mark.length > bytes.length) return -1;
    let length = 1;
    while (length < mark.length && bytes[start + length] === mark[length]) length += 1;
    if (length === mark.length) return start;
  }
  return -1;
}

function malformed(): Error {
  return refusal('bad_request', 'The body is not multipart form data.');
}
