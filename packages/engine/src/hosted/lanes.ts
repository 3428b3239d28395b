/** Works on the items, several at a time. The first failure ends the rest; nothing goes on after the end. */
export async function inLanes<T>(
  items: Iterable<T>,
  lanes: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const ending = AbortSignal.any([signal, failed.signal]);
  const queue = items[Symbol.iterator]();
  const lane = async () => {
    try {
      for (let next = queue.next(); !next.done; next = queue.next()) {
        ending.throwIfAborted();
        await work(next.value, ending);
      }
    } catch (error) {
      failed.abort(error);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
}
