import { refusal } from '../public-errors.ts';

/** Messages that have come to this process and whose runs have not begun. */
export interface Arrivals {
  /**
   * Waits until the same message, if it is here, has its run; rejects when the signal is aborted meanwhile. Gives the
   * function that says so of this one.
   */
  enter(key: string, signal: AbortSignal): Promise<() => void>;
}

/** Keeps two requests with the same message, as a double click makes them, from doing the same at once. */
export function createArrivals(): Arrivals {
  const here = new Map<string, Promise<void>>();
  return {
    async enter(key, signal) {
      for (let other = here.get(key); other; other = here.get(key)) await unlessAborted(other, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      here.set(key, promise);
      return () => {
        if (here.get(key) === promise) here.delete(key);
        resolve();
      };
    },
  };
}

/** Whoever has left waits for nobody: the request that he waited for answers the message. */
async function unlessAborted(other: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise: left, reject } = Promise.withResolvers<never>();
  const leave = (): void => reject(refusal('aborted'));
  if (signal.aborted) leave();
  signal.addEventListener('abort', leave);
  try {
    await Promise.race([other, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
