import { useEffect, useRef } from 'react';

const key = 'thread';

/** The address of a thread's page; of the empty chat without one. */
function addressOf(threadId: string | undefined): string {
  const url = new URL(location.href);
  if (threadId) url.searchParams.set(key, threadId);
  else url.searchParams.delete(key);
  return url.pathname + url.search;
}

/**
 * Keeps the thread in the address, so that a reload and a bookmark show it again, and follows the browser's back and
 * forward. Nothing is loaded anew for it: the page stays and the hook switches threads.
 */
export function useThreadUrl(
  threadId: string | undefined,
  onNavigate: (threadId: string | undefined) => void,
): void {
  const latest = useRef(onNavigate);
  useEffect(() => {
    latest.current = onNavigate;
  });

  useEffect(() => {
    const here = new URL(location.href).searchParams.get(key) ?? undefined;
    if (here === threadId) return;
    // A new thread takes the place of the empty chat it was begun in; leaving a thread can be undone by going back.
    if (here === undefined) history.replaceState(null, '', addressOf(threadId));
    else history.pushState(null, '', addressOf(threadId));
  }, [threadId]);

  useEffect(() => {
    const onPop = () => latest.current(new URL(location.href).searchParams.get(key) ?? undefined);
    window.addEventListener('popstate', onPop);
    return () => window.removeEventListener('popstate', onPop);
  }, []);
}
