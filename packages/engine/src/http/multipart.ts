import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { Busboy } from '@fastify/busboy';
import { toByteStream } from '../storage/byte-stream.ts';
import { ApiError, badRequest } from './errors.ts';

/** What a form brought: its fields by name, and what became of its file. */
export interface MultipartForm<T> {
  fields: Record<string, string>;
  file: T | undefined;
}

/** How a form with one file is read. */
export interface MultipartOptions<T> {
  /** The name of the part that holds the file; other files are passed over. */
  fileField: string;
  maxFileBytes: number;
  /** Takes the bytes as they come; nothing else of the form may be known yet. */
  onFile(filename: string, bytes: ReadableStream<Uint8Array>): Promise<T>;
}

/** What stands around the file: boundaries, headers, the other fields. */
const overhead = 128 * 1024;
const limits = { fields: 32, fieldSize: 16 * 1024, parts: 40, headerPairs: 32, headerSize: 16 * 1024 };

/**
 * Reads a multipart form as a stream: the file passes through, whatever its size and wherever in the form it stands.
 * When this rejects, `onFile` has come to its end; a form may still break after its file, so what was stored is the
 * caller's to undo.
 */
export async function readMultipart<T>(
  request: Request,
  options: MultipartOptions<T>,
): Promise<MultipartForm<T>> {
  const { fileField, maxFileBytes, onFile } = options;
  if (Number(request.headers.get('content-length') ?? 0) > maxFileBytes + overhead) {
    throw tooLarge(maxFileBytes);
  }
  const parser = createParser(request.headers.get('content-type') ?? '');
  if (!request.body) throw unreadable();

  const fields: Record<string, string> = {};
  const ended = new AbortController();
  let stored: Promise<T> | undefined;
  // Both may fail once more after the pipeline has been told, and an error that nobody hears ends the process.
  parser.on('error', () => {});
  parser.on('field', (name, value) => {
    // Names come from outside; `__proto__` is one like any other.
    Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
  });
  parser.on('file', (name, file, filename) => {
    file.on('error', () => {});
    if (name !== fileField || stored) {
      file.resume();
      return;
    }
    ended.signal.addEventListener('abort', () => file.destroy(ended.signal.reason as Error), { once: true });
    stored = onFile(filename, toByteStream(limit(file, maxFileBytes)));
    // Whoever stores it has given up: there is no use in reading on.
    stored.catch((error: unknown) => ended.abort(error));
  });
  try {
    const signal = AbortSignal.any([ended.signal, request.signal]);
    await pipeline(Readable.fromWeb(request.body as NodeReadableStream<Uint8Array>), parser, { signal });
  } catch (error) {
    ended.abort(error);
    // It ends by itself now, and knows best what has happened.
    await stored;
    throw unreadable();
  }
  return { fields, file: await stored };
}

/** The file's bytes, up to the limit. What may be wrong with them is told as the API tells it. */
async function* limit(file: Readable, maxBytes: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  try {
    for await (const chunk of file as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      yield chunk;
    }
  } catch (error) {
    throw error instanceof ApiError ? error : unreadable();
  }
}

function createParser(contentType: string): InstanceType<typeof Busboy> {
  if (!/^multipart\/form-data\b/i.test(contentType)) throw unreadable();
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits });
  } catch {
    throw unreadable();
  }
}

function unreadable(): ApiError {
  return badRequest('We could not parse the multipart form of your request.');
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, `The file is larger than the ${maxBytes / 2 ** 20} MB that are allowed.`);
}
