import { refusal } from '../public-errors.ts';

/** Milliseconds that a client may send nothing of a body that it has announced. */
const idleTime = 30_000;

/**
 * The bytes of a request as they come. A client that stops sending is given up, and the body is let go however this ends.
 */
export async function* readChunks(request: Request, idle: number = idleTime): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await withinTime(reader.read(), idle);
      if (done) return;
      yield value;
    }
  } finally {
    // Nobody waits for it: a body that has broken may never answer. And not at once: the body that Node makes of a
    // `FormData` ends the process when it is cancelled while it makes its next piece.
    setTimeout(() => void reader.cancel().catch(() => undefined), 0);
  }
}

/** Refuses a body whose announced length is beyond the limit, before anything of it is read. */
export function checkLength(request: Request, limit: number): void {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge();
}

/** Reads a body, but no further than the limit. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  checkLength(request, limit);
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of readChunks(request)) {
    size += piece.byteLength;
    if (size > limit) throw tooLarge();
    pieces.push(piece);
  }
  return concatenate(pieces);
}

/** All pieces as one. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(pieces.reduce((size, { byteLength }) => size + byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    bytes.set(piece, offset);
    offset += piece.byteLength;
  }
  return bytes;
}

async function withinTime<T>(work: Promise<T>, time: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(refusal('bad_request', 'The request stopped coming.', 408)), time);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(): Error {
  return refusal('file_too_large', 'The request is too large.');
}
