'use client';

import { ThreadList } from '@use-assistant/client';
import type { ThreadListState } from '@use-assistant/client';
import { useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import type { UseAssistantHelpers } from './types.ts';

/** The list of threads, and what can be done with it; each function is the same in every render. */
export interface UseThreadsHelpers
  extends ThreadListState, Pick<ThreadList, 'load' | 'loadMore' | 'rename' | 'delete'> {}

/**
 * The user's threads, beside the one that `assistant` shows. Loaded on mount, and again when the assistant makes a
 * thread. A new title and a deletion are shown at once and taken back when the server refuses them.
 *
 * `limit` is the size of a page. @default 20
 */
export function useThreads(
  { threads, threadId }: Pick<UseAssistantHelpers, 'threads' | 'threadId'>,
  { limit }: { limit?: number } = {},
): UseThreadsHelpers {
  const [list] = useState(() => new ThreadList(threads, { limit }));
  const state = useSyncExternalStore(list.subscribe, list.getSnapshot, list.getSnapshot);

  useEffect(() => {
    const isListed = list.getSnapshot().threads.some(({ id }) => id === threadId);
    if (threadId === undefined || !isListed) void list.load();
  }, [list, threadId]);

  return useMemo(() => {
    const { load, loadMore, rename, delete: remove } = list;
    return { ...state, load, loadMore, rename, delete: remove };
  }, [list, state]);
}
