import { useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * Keeps what is read in its place when rows come in front of the first one, whose id is `firstId`. Call the answer before
 * asking for them.
 */
export function useKeepPlace(frame: RefObject<HTMLElement | null>, firstId: string | undefined): () => void {
  const held = useRef<{ firstId: string | undefined; row: HTMLElement; top: number }>(undefined);

  useLayoutEffect(() => {
    const element = frame.current;
    if (!element || !held.current || held.current.firstId === firstId) return;
    const { row, top } = held.current;
    held.current = undefined;
    if (row.isConnected) element.scrollBy({ top: row.offsetTop - top });
    element.style.removeProperty('overflow-anchor');
  }, [frame, firstId]);

  return () => {
    const row = frame.current?.querySelector('article');
    if (!row) return;
    held.current = { firstId, row, top: row.offsetTop };
    // A browser that kept the place by itself would make us go twice as far; none does at the very top.
    frame.current?.style.setProperty('overflow-anchor', 'none');
  };
}
