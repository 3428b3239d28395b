import { ReadableStream as NodeReadableStream } from 'node:stream/web';

/** The bytes as a stream that takes no piece before it is asked for one. */
export function toByteStream(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return NodeReadableStream.from(pieces) as unknown as ReadableStream<Uint8Array>;
}
