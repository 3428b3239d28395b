/**
 * Calls back whenever the network is back or the page is shown again, until the signal says stop. Nothing tells of that
 * where there is no DOM, as in React Native: there the app calls `resumeStream` when it comes to the front.
 */
export function onWake(listener: () => void, signal: AbortSignal): void {
  const { addEventListener, removeEventListener, document } = globalThis as Partial<typeof globalThis>;
  const listen = () => {
    if (!document?.hidden) listener();
  };
  if (signal.aborted) return;
  addEventListener?.('online', listen);
  document?.addEventListener?.('visibilitychange', listen);
  signal.addEventListener('abort', () => {
    removeEventListener?.('online', listen);
    document?.removeEventListener?.('visibilitychange', listen);
  });
}
