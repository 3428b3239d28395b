'use client';

import { AssistantClient } from '@use-assistant/client';
import type {
  AssistantClientOptions,
  AssistantTypes,
  AssistantTypesOf,
  AssistantTypesSource,
} from '@use-assistant/client';
import { useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { createActions } from './actions.ts';
import type { UseAssistantHelpers, UseAssistantOptions } from './types.ts';

/**
 * A conversation with an assistant: messages, input, files, thread and run.
 *
 * The helpers are a superset of `useChat`'s, so components written for those take them as they are. Functions keep
 * their identity for the life of the component, messages theirs until they change. `Source` says what the app knows of its
 * own metadata, data parts and tools: `useAssistant<typeof handler>()` has the tools of that route.
 */
export function useAssistant<Source extends AssistantTypesSource = AssistantTypes>(
  given: UseAssistantOptions<AssistantTypesOf<Source>> = {},
): UseAssistantHelpers<AssistantTypesOf<Source>> {
  // What the app knows of its types, the client need not.
  const options = given as AssistantClientOptions & Pick<UseAssistantOptions, 'client'>;
  const { client: shared, threadId } = options;
  const reactId = useId();
  const [own] = useState(() => shared ?? new AssistantClient({ ...options, id: options.id ?? reactId }));
  const client = shared ?? own;
  const isOwn = shared === undefined;

  const state = useSyncExternalStore(client.subscribe, client.getSnapshot, client.getInitialSnapshot);
  const actions = useMemo(() => createActions(client), [client]);

  // Callbacks and settings are read when they are used, so each render's own must be known before the next event.
  useEffect(() => {
    if (isOwn) client.setOptions(options);
  });

  useEffect(() => {
    const unmount = client.mount();
    // A client that was handed in may outlive this component; whoever made it ends it.
    return isOwn ? unmount : undefined;
  }, [client, isOwn]);

  // The option is where to begin. When it changes, as with a route's parameter, the hook goes along.
  const followed = useRef(shared ? undefined : threadId);
  useEffect(() => {
    if (followed.current === threadId) return;
    followed.current = threadId;
    client.setThreadId(threadId);
  }, [client, threadId]);

  const helpers = useMemo(
    () => ({ id: client.id, ...state, experimental_queuedMessages: state.queuedMessages, ...actions }),
    [client, state, actions],
  );
  return helpers as unknown as UseAssistantHelpers<AssistantTypesOf<Source>>;
}
