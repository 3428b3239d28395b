import type { AssistantClient } from './assistant-client.ts';
import type { Http, HttpRequest } from './http.ts';
import { requestJson, toThreadPath } from './requests.ts';
import { hasId, isRecord } from './wire.ts';
import type { ThreadPage, ThreadSummary } from './wire.ts';

type ThreadOptions = Pick<HttpRequest, 'signal'>;

/** The user's threads. Each function rejects with an `AssistantError`. */
export interface Threads {
  /** A page of threads, the newest first. */
  list(options?: { limit?: number; after?: string } & ThreadOptions): Promise<ThreadPage>;
  rename(threadId: string, title: string, options?: ThreadOptions): Promise<ThreadSummary>;
  /** Deletes a thread with its messages. The open thread is left for a new one. */
  delete(threadId: string, options?: ThreadOptions): Promise<void>;
}

export function createThreads(http: Http, client: AssistantClient): Threads {
  return {
    list({ limit, after, ...options } = {}) {
      const query = new URLSearchParams();
      if (limit !== undefined) query.set('limit', String(limit));
      if (after !== undefined) query.set('after', after);
      const search = query.toString();
      return requestJson<ThreadPage>(
        http,
        `/threads${search && `?${search}`}`,
        (value) => isRecord(value) && Array.isArray(value['threads']) && value['threads'].every(hasId),
        options,
      );
    },
    async rename(threadId, title, options) {
      const { thread } = await requestJson<{ thread: ThreadSummary }>(
        http,
        toThreadPath(threadId),
        (value) => isRecord(value) && hasId(value['thread']),
        { ...options, method: 'PATCH', json: { title } },
      );
      return thread;
    },
    async delete(threadId, options) {
      await http.request(toThreadPath(threadId), { ...options, method: 'DELETE' });
      if (threadId === client.getSnapshot().threadId) client.setThreadId(undefined);
    },
  };
}
