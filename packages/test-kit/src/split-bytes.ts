/** The bytes in one cut after the other: `[0, 1)` and the rest, `[0, 2)` and the rest, … */
export function* everyCut(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let cut = 1; cut < bytes.length; cut += 1) yield [bytes.subarray(0, cut), bytes.subarray(cut)];
}

/** The bytes in every two cuts. Their number grows with the square of the length: for transcripts of a few hundred bytes. */
export function* everyPairOfCuts(bytes: Uint8Array): Generator<Uint8Array[]> {
  for (let first = 1; first < bytes.length - 1; first += 1) {
    for (let second = first + 1; second < bytes.length; second += 1) {
      yield [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)];
    }
  }
}

/** The bytes one by one. */
export function drip(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (_, index) => bytes.subarray(index, index + 1));
}

/** The bytes whole, in every cut, and dripped: what any reader of a stream must read alike. */
export function* everySplit(bytes: Uint8Array): Generator<Uint8Array[]> {
  yield [bytes];
  yield* everyCut(bytes);
  yield drip(bytes);
}

/** A stream that gives the pieces one by one, each only when asked for. */
export function streamOf(pieces: Iterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}
