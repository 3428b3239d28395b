/** The promise, or the signal's reason, whichever is first: for work that does not listen to the signal itself. */
export function abortable(promise, signal) {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve(promise)
      .finally(() => signal.removeEventListener('abort', abort))
      .then(resolve, reject);
  });
}
//# sourceMappingURL=abortable.js.map
