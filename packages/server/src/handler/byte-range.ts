/** A piece of a file, both ends included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The piece that a `Range` header asks for. Undefined for the whole: without a header, for several pieces, and for what is
 * no range of bytes, as RFC 9110 allows. `'unsatisfiable'` when nothing of it is in the file.
 */
export function readRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d{0,15})-(\d{0,15})\s*$/i.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [from, to] = [match[1]!, match[2]!];
  if (from === '') {
    const length = Math.min(Number(to), size);
    return length === 0 ? 'unsatisfiable' : { first: size - length, last: size - 1 };
  }
  const first = Number(from);
  const last = to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== '' && Number(to) < first) return undefined;
  return first >= size ? 'unsatisfiable' : { first, last };
}

/** The bytes of the range out of the whole; what comes after it is not read. */
export function cutRange(whole: ReadableStream<Uint8Array>, range: ByteRange): ReadableStream<Uint8Array> {
  const reader = whole.getReader();
  let position = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        for (;;) {
          const { done, value } = await reader.read();
          if (done) return controller.close();
          const piece = value.subarray(Math.max(0, range.first - position), range.last + 1 - position);
          position += value.byteLength;
          const isOver = position > range.last;
          if (piece.byteLength > 0) controller.enqueue(piece);
          if (isOver) {
            controller.close();
            await reader.cancel();
            return;
          }
          if (piece.byteLength > 0) return;
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
