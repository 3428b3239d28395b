import type { OutputFileData } from '@use-assistant/protocol';
import type { FileObject } from 'openai/resources/files';
import { sniffedBytes, sniffMediaType } from '../media-type.ts';
import { refusal } from '../public-errors.ts';
import { fileReference, json } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { toFileName } from './file-name.ts';
import { boundaryOf, readParts } from './multipart.ts';
import type { FormPart } from './multipart.ts';
import { checkLength, concatenate, readChunks } from './read-body.ts';

const defaultMaxFileSize = 50 * 1024 * 1024;
/** What multipart adds around one file. */
const multipartRoom = 64 * 1024;

/** A file that the engine has taken. */
export type KeptFile = OutputFileData & { fileId: string };

/** `POST /files`: takes one file, and passes it on while it comes. */
export async function uploadFile(context: HandlerContext, call: Call): Promise<Response> {
  const { request } = call;
  const boundary = boundaryOf(request.headers.get('content-type') ?? '');
  if (boundary === undefined) throw refusal('bad_request', 'The content type must be multipart/form-data.');
  checkLength(request, maxFileSize(context) + multipartRoom);
  const parts = readParts(readChunks(request), boundary);
  try {
    for (;;) {
      const { done, value: part } = await parts.next();
      if (done) throw refusal('bad_request', 'A part named file is missing.');
      if (part.filename === undefined) continue;
      const { fileId: _, ...told } = await passOn(context, call, part, parts);
      return json(told, 201);
    }
  } finally {
    await parts.return(undefined);
  }
}

/**
 * Sends the file to the engine as a form of our own. The form's end is held back until the request has come to its own, so
 * that a request that turns out wrong leaves no file behind.
 */
async function passOn(
  context: HandlerContext,
  call: Call,
  file: FormPart,
  parts: AsyncIterable<FormPart>,
): Promise<KeptFile> {
  const name = toFileName(file.filename!);
  const bytes = file.body[Symbol.asyncIterator]();
  let size = 0;

  async function next(): Promise<Uint8Array | undefined> {
    const { done, value } = await bytes.next();
    if (done) return undefined;
    size += value.length;
    if (size > maxFileSize(context)) throw refusal('file_too_large');
    return value;
  }

  const first: Uint8Array[] = [];
  while (size < sniffedBytes) {
    const piece = await next();
    if (!piece) break;
    first.push(piece);
  }
  const head = concatenate(first);
  const mediaType = await checkedType(context, head, name);

  const boundary = `form-${crypto.randomUUID()}`;
  const text = new TextEncoder();
  async function* form(): AsyncGenerator<Uint8Array> {
    const quoted = name.replaceAll('"', '%22');
    yield text.encode(
      `--${boundary}\r\ncontent-disposition: form-data; name="purpose"\r\n\r\nassistants\r\n` +
        `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${quoted}"\r\n` +
        `content-type: ${mediaType}\r\n\r\n`,
    );
    yield head;
    for (let piece = await next(); piece; piece = await next()) yield piece;
    for await (const other of parts) {
      if (other.filename !== undefined) throw refusal('too_many_files', 'Send one file a request.');
    }
    yield text.encode(`\r\n--${boundary}--\r\n`);
  }

  let failure: unknown;
  const kept = await call.client
    .post<FileObject>('/files', {
      body: toStream(form(), (error) => (failure = error)),
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      signal: call.request.signal,
      // What has been sent is gone.
      maxRetries: 0,
    })
    .catch((error: unknown) => {
      throw failure ?? error;
    });
  return describe(context, call, kept.id, { name, mediaType, size });
}

/** A file that is in memory, if it may be sent here. */
export async function checkFile(
  context: HandlerContext,
  bytes: Uint8Array<ArrayBuffer>,
  givenName: string,
): Promise<File> {
  if (bytes.byteLength > maxFileSize(context)) throw refusal('file_too_large');
  const name = toFileName(givenName);
  return new File([bytes], name, { type: await checkedType(context, bytes, name) });
}

/** Gives a file that was checked to the engine. */
export async function keepFile(context: HandlerContext, call: Call, file: File): Promise<KeptFile> {
  const kept = await call.client.files.create({ file, purpose: 'assistants' });
  return describe(context, call, kept.id, { name: file.name, mediaType: file.type, size: file.size });
}

async function describe(
  context: HandlerContext,
  call: Call,
  fileId: string,
  file: Pick<OutputFileData, 'name' | 'mediaType' | 'size'>,
): Promise<KeptFile> {
  const facts = { fileId, ...file };
  return { ...facts, ...(await fileReference(context, call)(facts)) };
}

/** The type of a file by its first bytes, if it may be sent here. */
async function checkedType(context: HandlerContext, bytes: Uint8Array, name: string): Promise<string> {
  if (bytes.byteLength === 0) throw refusal('bad_request', 'The file is empty.');
  const mediaType = await sniffMediaType(bytes.subarray(0, sniffedBytes), name);
  const { accept } = context.options.limits ?? {};
  if (accept && !accept.some((pattern) => fits(mediaType, pattern))) throw refusal('file_type_refused');
  return mediaType;
}

function fits(mediaType: string, pattern: string): boolean {
  return pattern.endsWith('/*') ? mediaType.startsWith(pattern.slice(0, -1)) : mediaType === pattern;
}

function maxFileSize(context: HandlerContext): number {
  return context.options.limits?.maxFileSize ?? defaultMaxFileSize;
}

/** A stream that takes a piece whenever it is asked for one. */
function toStream(
  pieces: AsyncGenerator<Uint8Array>,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          onError(error);
          controller.error(error);
        }
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
