/** Watches over a connection that may have died without a word, as after a sleep or a change of networks. */
export interface SilenceWatch {
  /** Aborts with the outer signal, or when the connection has been silent for too long. */
  readonly signal: AbortSignal;
  /** Something has come in. */
  hear(): void;
  /** Ends the watch and what it holds. */
  end(): void;
}

/** Starts a watch. What is heard costs a clock reading; no timer is set anew for it. */
export function watchSilence(outer: AbortSignal, longest: number, mayAbort: () => boolean): SilenceWatch {
  const controller = new AbortController();
  const abort = () => controller.abort();
  let heard = Date.now();
  const timer = setInterval(() => {
    if (Date.now() - heard > longest && mayAbort()) abort();
  }, longest / 3);
  outer.addEventListener('abort', abort, { once: true });
  if (outer.aborted) abort();
  return {
    signal: controller.signal,
    hear() {
      heard = Date.now();
    },
    end() {
      clearInterval(timer);
      outer.removeEventListener('abort', abort);
    },
  };
}
