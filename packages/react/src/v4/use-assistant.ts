'use client';

import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { Thread } from './thread.ts';
import type { UseAssistantHelpers, UseAssistantOptions } from './types.ts';

/**
 * The hook that the AI SDK removed in version 5, with its names and behaviour, for routes that speak its wire: our
 * handler, and every route that still answers with `AssistantResponse`. What it does differently is in the README.
 */
export function useAssistant(options: UseAssistantOptions): UseAssistantHelpers {
  const { threadId } = options;
  const [thread] = useState(() => new Thread(options));
  const { store, functions } = thread;
  const state = useSyncExternalStore(store.subscribe, store.getSnapshot, store.getInitialSnapshot);

  // Callbacks and settings are read when they are used, so each render's own must be known before the next event.
  useEffect(() => {
    thread.setOptions(options);
  });

  useEffect(() => thread.leave, [thread]);

  // The option is where to begin. When it changes, as with a route's parameter, the hook goes along.
  const followed = useRef(threadId);
  useEffect(() => {
    if (followed.current === threadId) return;
    followed.current = threadId;
    if (threadId !== store.get().threadId) functions.setThreadId(threadId);
  }, [functions, store, threadId]);

  return useMemo(() => ({ ...functions, ...state }), [functions, state]);
}
