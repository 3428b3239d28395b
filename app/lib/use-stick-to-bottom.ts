import { useCallback, useEffect, useRef, useState, type RefObject } from 'react';

const near = 48;

/** What `useStickToBottom` returns. */
export interface StickToBottom {
  frame: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  /** Whether the end is in view, so that new content keeps it there. */
  atEnd: boolean;
  scrollToEnd: () => void;
}

/** Keeps the end of a scrolled frame in view as its content grows, until the reader scrolls up. */
export function useStickToBottom(): StickToBottom {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const pinned = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const scrollToEnd = useCallback(() => {
    pinned.current = true;
    setAtEnd(true);
    frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, []);

  useEffect(() => {
    const element = frame.current;
    const inner = content.current;
    if (!element || !inner) return;
    let last = element.scrollTop;
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = element;
      // Content may have grown since we scrolled: only a move upwards says that the reader left.
      if (scrollHeight - scrollTop - clientHeight < near) pinned.current = true;
      else if (scrollTop < last - 1) pinned.current = false;
      last = scrollTop;
      setAtEnd(pinned.current);
    };
    const follow = new ResizeObserver(() => {
      if (pinned.current) element.scrollTop = element.scrollHeight;
      // What shrinks moves the frame upwards too, and that is nobody's wish to leave the end.
      last = element.scrollTop;
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    follow.observe(inner);
    follow.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      follow.disconnect();
    };
  }, []);

  return { frame, content, atEnd, scrollToEnd };
}
