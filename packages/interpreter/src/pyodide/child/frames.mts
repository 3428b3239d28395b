/**
 * The wire between parent and child: eight bytes that say how long the two parts of a message are, a JSON object, and
 * bytes. Both sides hold the lengths to limits before they keep anything, and nothing but JSON is ever parsed: whatever
 * a hostile child writes, the parent reads at most one bounded message.
 */
export type Frame = Record<string, unknown> & { bytes?: Uint8Array | undefined };

const prefixLength = 8;

/** The pieces of a frame, to be written one after the other; `bytes` is not copied. */
export function encodeFrame({ bytes, ...rest }: Frame): Uint8Array[] {
  const header = new TextEncoder().encode(JSON.stringify(rest));
  const start = new Uint8Array(prefixLength + header.length);
  const view = new DataView(start.buffer);
  view.setUint32(0, header.length);
  // One more than there are, so that no bytes and an empty file differ.
  view.setUint32(4, bytes === undefined ? 0 : bytes.length + 1);
  start.set(header, prefixLength);
  return bytes === undefined || bytes.length === 0 ? [start] : [start, bytes];
}

/** What one frame may hold. */
export interface FrameLimits {
  headerBytes: number;
  bodyBytes: number;
}

/** Cuts a stream of chunks into frames. */
export class FrameReader {
  readonly #limits: FrameLimits;
  #chunks: Uint8Array[] = [];
  #length = 0;
  #header = 0;
  #body: number | undefined;
  #needed = prefixLength;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** The frames that are complete with this chunk; throws when the stream is none of frames, or they are too large. */
  *push(chunk: Uint8Array): Generator<unknown> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length >= this.#needed) {
      if (this.#needed === prefixLength) this.#readPrefix();
      if (this.#length < this.#needed) return;
      yield this.#readFrame();
    }
  }

  #readPrefix(): void {
    const bytes = this.#join();
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#header = view.getUint32(0);
    const body = view.getUint32(4);
    this.#body = body === 0 ? undefined : body - 1;
    if (this.#header < 2 || this.#header > this.#limits.headerBytes || body - 1 > this.#limits.bodyBytes) {
      throw new RangeError(`A message of ${this.#header} and ${body} bytes is outside of the contract.`);
    }
    this.#needed = prefixLength + this.#header + (this.#body ?? 0);
  }

  #readFrame(): unknown {
    const all = this.#join();
    const bodyStart = prefixLength + this.#header;
    const value: unknown = JSON.parse(new TextDecoder().decode(all.subarray(prefixLength, bodyStart)));
    const hasBody = this.#body !== undefined;
    // A copy, which `slice` of a Buffer is not: who keeps a small file must not keep the large chunk it came in.
    const bytes = hasBody ? new Uint8Array(all.subarray(bodyStart, this.#needed)) : undefined;
    const rest = all.subarray(this.#needed);
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#length = rest.length;
    this.#needed = prefixLength;
    if (typeof value !== 'object' || value === null) return value;
    return hasBody ? { ...value, bytes } : value;
  }

  /** Joined only when a whole frame is there, or its start: each byte is moved a bounded number of times. */
  #join(): Uint8Array {
    const [only] = this.#chunks;
    if (this.#chunks.length === 1 && only !== undefined) return only;
    const joined = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [joined];
    return joined;
  }
}
