/** One message of the supervisor or to it: a letter, four bytes of length, and so many bytes. */
export interface Frame {
  kind: string;
  payload: Buffer;
}

const headSize = 5;

export function encodeFrame(kind: string, ...parts: Uint8Array[]): Buffer {
  const head = Buffer.alloc(headSize);
  head.write(kind, 'latin1');
  head.writeUInt32BE(
    parts.reduce((sum, { length }) => sum + length, 0),
    1,
  );
  return Buffer.concat([head, ...parts]);
}

/** Cuts a stream of bytes into frames; every byte is copied once at most, however the stream is split. */
export class FrameReader {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #size = 0;
  #wanted = headSize;

  /** @param limit Bytes that a frame may have. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The frames that are complete with this chunk; throws a `RangeError` when one announces too many bytes. */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    const frames: Frame[] = [];
    if (this.#size < this.#wanted) return frames;
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      this.#wanted = headSize;
      if (bytes.length < headSize) break;
      const length = bytes.readUInt32BE(1);
      if (length > this.#limit) throw new RangeError(`A frame of ${length} bytes is too large.`);
      this.#wanted = headSize + length;
      if (bytes.length < this.#wanted) break;
      frames.push({ kind: bytes.toString('latin1', 0, 1), payload: bytes.subarray(headSize, this.#wanted) });
      bytes = bytes.subarray(this.#wanted);
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#size = bytes.length;
    return frames;
  }
}
