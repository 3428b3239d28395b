import { useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * Keeps what is read in its place when rows come in front of the first one, whose id is `firstId`. Call the answer before
 * asking for them.
 */
export function useKeepPlace(frame: RefObject<HTMLElement | null>, firstId: string | undefined): () => void {
  const held = useRef<{ row: HTMLElement; top: number }>(undefined);

  useLayoutEffect(() => {
    const element = frame.current;
    const { row, top = 0 } = held.current ?? {};
    held.current = undefined;
    if (!element) return;
    if (row?.isConnected) element.scrollBy({ top: row.offsetTop - top });
    element.style.removeProperty('overflow-anchor');
  }, [frame, firstId]);

  return () => {
    const row = frame.current?.querySelector('article');
    if (!row || !frame.current) return;
    held.current = { row, top: row.offsetTop };
    // A browser that kept the place by itself would make us go twice as far; none does at the very top.
    frame.current.style.setProperty('overflow-anchor', 'none');
  };
}
