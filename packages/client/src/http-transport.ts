import { AssistantError } from '@use-assistant/protocol';
import { abortable, createAbortError } from './backoff.ts';
import { toHttpError, toJson } from './http-errors.ts';
import type {
  AssistantTransport,
  RequestOptions,
  RunSummary,
  ThreadHistory,
  ThreadPage,
  ThreadSummary,
  TransportOptions,
} from './transport.ts';
import { uploadFile } from './upload-file.ts';

type Resolvable<Value> = Value | (() => Value | Promise<Value>);

/** Where the route is and how it is asked; the names are `useChat`'s. */
export interface HttpTransportOptions {
  /** @default '/api/assistant' */
  api?: string | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  /** A function is asked before each request, for tokens that expire. */
  headers?: Resolvable<Record<string, string> | Headers> | undefined;
  /** Extra JSON properties of every request body. */
  body?: Resolvable<object> | undefined;
  credentials?: RequestCredentials | undefined;
}

interface HttpRequest extends TransportOptions {
  path: string;
  method?: string;
  json?: object;
}

/** Speaks to a route made by `createAssistantHandler`. Options are read anew for each request. */
export function createHttpTransport(getOptions: () => HttpTransportOptions): AssistantTransport {
  const toUrl = (path: string) => (getOptions().api ?? '/api/assistant').replace(/\/+$/, '') + path;

  async function toHeaders(extra?: RequestOptions['headers']): Promise<Headers> {
    const headers = new Headers(await resolve(getOptions().headers));
    if (extra) new Headers(extra).forEach((value, name) => headers.set(name, value));
    return headers;
  }

  async function request({
    path,
    method = 'GET',
    json,
    body,
    signal,
    ...rest
  }: HttpRequest): Promise<Response> {
    const { fetch = globalThis.fetch, credentials, body: extra } = getOptions();
    const headers = await toHeaders(rest.headers);
    if (json && !headers.has('content-type')) headers.set('content-type', 'application/json');
    const init: RequestInit = { method, headers };
    if (json) init.body = JSON.stringify({ ...(await resolve(extra)), ...body, ...json });
    if (credentials) init.credentials = credentials;
    if (signal) init.signal = signal;
    const response = await settle(() => fetch(toUrl(path), init), signal);
    if (response.ok) return response;
    throw toHttpError(response.status, await abortable(response.text(), signal).catch(() => ''));
  }

  async function requestJson<Value>(
    options: HttpRequest,
    isValue: (value: unknown) => boolean,
  ): Promise<Value> {
    const response = await request(options);
    const value = toJson(await settle(() => response.text(), options.signal));
    if (!isValue(value)) throw createForeignError();
    return value as Value;
  }

  /** The body of a stream; null when the route says that there is none. */
  async function requestStream(options: HttpRequest): Promise<ReadableStream<Uint8Array> | null> {
    const { status, body } = await request(options);
    if (status === 204) return null;
    if (body) return body;
    // React Native's own fetch answers so; one that streams can be handed in.
    throw new AssistantError('stream_protocol', 'The response has no body that can be streamed.');
  }

  return {
    run: ({ threadId, messageId, message, trigger }, options) =>
      requestStream({
        ...options,
        path: '',
        method: 'POST',
        json: {
          threadId: threadId ?? null,
          message,
          trigger,
          ...(messageId !== undefined && { messageId }),
        },
      }),
    async resume({ threadId, lastEventId }, options) {
      const headers = new Headers(options.headers);
      if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
      return requestStream({ ...options, headers, path: `${toThreadPath(threadId)}/stream` });
    },
    submitToolOutputs: async ({ threadId, runId, outputs }, options) =>
      requestStream({
        ...options,
        path: `${toThreadPath(threadId)}/tool-outputs`,
        method: 'POST',
        json: { runId, outputs },
      }),
    async cancel(threadId, options) {
      const path = `${toThreadPath(threadId)}/cancel`;
      const answer = await requestJson<{ run: RunSummary | null }>(
        { ...options, path, method: 'POST', json: {} },
        (value) => isRecord(value) && isRunOrNone(value['run']),
      );
      return answer.run;
    },
    getThread: async (threadId, options) =>
      requestJson<ThreadHistory>(
        { ...options, path: toThreadPath(threadId) },
        (value) =>
          isRecord(value) &&
          Array.isArray(value['messages']) &&
          value['messages'].every(isMessage) &&
          isRunOrNone(value['run']),
      ),
    listThreads({ limit, after }, options) {
      const query = new URLSearchParams();
      if (limit !== undefined) query.set('limit', String(limit));
      if (after !== undefined) query.set('after', after);
      const search = query.toString();
      return requestJson<ThreadPage>(
        { ...options, path: `/threads${search && `?${search}`}` },
        (value) => isRecord(value) && Array.isArray(value['threads']) && value['threads'].every(hasId),
      );
    },
    async updateThread(threadId, changes, options) {
      const answer = await requestJson<{ thread: ThreadSummary }>(
        { ...options, path: toThreadPath(threadId), method: 'PATCH', json: changes },
        (value) => isRecord(value) && hasId(value['thread']),
      );
      return answer.thread;
    },
    async deleteThread(threadId, options) {
      await request({ ...options, path: toThreadPath(threadId), method: 'DELETE' });
    },
    async uploadFile(source, options) {
      const { fetch, credentials } = getOptions();
      return uploadFile(source, {
        ...options,
        url: toUrl('/files'),
        headers: await toHeaders(),
        credentials,
        fetch,
      });
    },
    async deleteFile(fileId, options) {
      await request({ ...options, path: `/files/${toSegment(fileId)}`, method: 'DELETE' });
    },
  };
}

/** An id as one step of a path; `..` would leave the route. */
function toSegment(id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new AssistantError('bad_request', 'This is not an id.');
  return encodeURIComponent(id);
}

function toThreadPath(threadId: string): string {
  return `/threads/${toSegment(threadId)}`;
}

async function resolve<Value>(value: Resolvable<Value> | undefined): Promise<Value | undefined> {
  return typeof value === 'function' ? (value as () => Value | Promise<Value>)() : value;
}

/** What the fetch gives, with its failures named; an abort counts at once, also with a fetch that ignores its signal. */
async function settle<Value>(start: () => Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal?.aborted) throw createAbortError();
  const started = start();
  try {
    return await abortable(started, signal);
  } catch (cause) {
    if (!signal?.aborted) {
      throw new AssistantError('network', 'The server could not be reached.', { isRetryable: true, cause });
    }
    // A response that still comes is let go, or its connection would stay open.
    started
      .then(async (value) => {
        if (value instanceof Response) await value.body?.cancel();
      })
      .catch(() => {});
    throw createAbortError();
  }
}

function createForeignError(): AssistantError {
  return new AssistantError(
    'stream_protocol',
    'The server’s answer is not one that an assistant route gives.',
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function hasId(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value['id'] === 'string';
}

function isRunOrNone(value: unknown): boolean {
  return value === undefined || value === null || (hasId(value) && typeof value['status'] === 'string');
}

function isMessage(value: unknown): boolean {
  return (
    hasId(value) &&
    typeof value['role'] === 'string' &&
    Array.isArray(value['parts']) &&
    value['parts'].every((part) => isRecord(part) && typeof part['type'] === 'string')
  );
}
