/** Messages that have come to this process and whose runs have not begun. */
export interface Arrivals {
  /** Waits until the same message, if it is here, has its run. Gives the function that says so of this one. */
  enter(key: string): Promise<() => void>;
}

/** Keeps two requests with the same message, as a double click makes them, from doing the same at once. */
export function createArrivals(): Arrivals {
  const here = new Map<string, Promise<void>>();
  return {
    async enter(key) {
      for (let other = here.get(key); other; other = here.get(key)) await other;
      const { promise, resolve } = Promise.withResolvers<void>();
      here.set(key, promise);
      return () => {
        if (here.get(key) === promise) here.delete(key);
        resolve();
      };
    },
  };
}
