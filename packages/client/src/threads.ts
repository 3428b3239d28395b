import type { AssistantTransport, ThreadPage, ThreadSummary } from './transport.ts';

/** The user's threads. Each function rejects with an `AssistantError`. */
export interface Threads {
  /** A page of threads, the newest first. */
  list(options?: { limit?: number; after?: string; signal?: AbortSignal }): Promise<ThreadPage>;
  rename(threadId: string, title: string, options?: { signal?: AbortSignal }): Promise<ThreadSummary>;
  /** Deletes a thread with its messages. The open thread is left for a new one. */
  delete(threadId: string, options?: { signal?: AbortSignal }): Promise<void>;
}

/** Thread functions over a transport; `onDelete` hears of each thread that is gone. */
export function createThreads(transport: AssistantTransport, onDelete: (threadId: string) => void): Threads {
  return {
    list: ({ limit, after, signal } = {}) =>
      transport.listThreads(
        { ...(limit !== undefined && { limit }), ...(after !== undefined && { after }) },
        signal ? { signal } : {},
      ),
    rename: (threadId, title, options = {}) => transport.updateThread(threadId, { title }, options),
    async delete(threadId, options = {}) {
      await transport.deleteThread(threadId, options);
      onDelete(threadId);
    },
  };
}
