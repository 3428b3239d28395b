/**
 * A signal that is aborted with the first of these. `AbortSignal.any` would do, but not every edge runtime has it. `release`
 * lets go of the others, which may live long.
 */
export function joinSignals(...signals: (AbortSignal | undefined)[]): {
  signal: AbortSignal;
  release: () => void;
} {
  const joined = new AbortController();
  const removers = signals.map((signal) => {
    const abort = (): void => joined.abort(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    return () => signal?.removeEventListener('abort', abort);
  });
  return { signal: joined.signal, release: () => removers.forEach((remove) => remove()) };
}
