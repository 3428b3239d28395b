import { AssistantError } from '@use-assistant/protocol';
import { abortable, createAbortError } from './abort.ts';
import { withLater } from './lazy.ts';

type Resolvable<Value> = Value | (() => Value | Promise<Value>);
type HeaderFields = Record<string, string> | Headers;

/** Where the route is and how it is asked; the names are `useChat`'s. */
export interface HttpOptions {
  /** @default '/api/assistant' */
  api?: string | undefined;
  fetch?: typeof globalThis.fetch | undefined;
  /** A function is asked before each request, for tokens that expire. */
  headers?: Resolvable<HeaderFields> | undefined;
  /** Extra JSON properties of every request body. */
  body?: Resolvable<object> | undefined;
  credentials?: RequestCredentials | undefined;
}

/** What a single request may add. */
export interface RequestOptions {
  headers?: HeaderFields;
  /** Extra JSON properties of the request body. */
  body?: object;
}

/** One request to the route. */
export interface HttpRequest extends RequestOptions {
  /** @default POST with `json`, GET without */
  method?: string;
  json?: object;
  signal?: AbortSignal | undefined;
}

/**
 * Asks a route made by `createAssistantHandler`; `path` comes after `api`. Everything that the client sends goes this
 * way. Both reject with an `AssistantError`, and within a tick of the signal's abort.
 */
export interface Http {
  /** Answers with a response that is 2xx. */
  request(path: string, options?: HttpRequest): Promise<Response>;
  /** Answers with the stream of the response; null when the route says that there is none. */
  stream(path: string, options?: HttpRequest): Promise<ReadableStream<Uint8Array> | null>;
}

/** Options are read anew for each request. */
export function createHttp(getOptions: () => HttpOptions): Http {
  async function request(path: string, options: HttpRequest = {}): Promise<Response> {
    const { json, signal, method = json ? 'POST' : 'GET' } = options;
    const settings = getOptions();
    const { fetch = globalThis.fetch, credentials } = settings;
    const headers = await toHeaders(settings, options.headers);
    const init = { method, headers, credentials, signal } as RequestInit;
    if (json) {
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      init.body = JSON.stringify({ ...(await resolve(settings.body)), ...options.body, ...json });
    }
    const response = await settle(() => fetch(toUrl(settings, path), init), signal);
    if (response.ok) return response;
    throw await withLater(({ readHttpError }) => readHttpError(response, signal));
  }

  return {
    request,
    async stream(path, options) {
      const { status, body } = await request(path, options);
      if (status === 204 || body) return body;
      // React Native's own fetch answers so; one that streams can be handed in.
      throw new AssistantError('stream_protocol', 'The response has no body that can be streamed.');
    },
  };
}

/** The address of a path of the route. */
export function toUrl({ api = '/api/assistant' }: HttpOptions, path: string): string {
  return api.replace(/\/+$/, '') + path;
}

/** The headers of the options, and those of one request over them. */
export async function toHeaders({ headers }: HttpOptions, extra?: HeaderFields): Promise<Headers> {
  const all = new Headers(await resolve(headers));
  if (extra) new Headers(extra).forEach((value, name) => all.set(name, value));
  return all;
}

async function resolve<Value>(value: Resolvable<Value> | undefined): Promise<Value | undefined> {
  return typeof value === 'function' ? (value as () => Value | Promise<Value>)() : value;
}

/** What the fetch gives, with its failures named; an abort counts at once, also with a fetch that ignores its signal. */
export async function settle<Value>(
  start: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  if (signal?.aborted) throw createAbortError();
  const started = start();
  try {
    return await abortable(started, signal);
  } catch (cause) {
    if (!signal?.aborted)
      throw new AssistantError('network', 'The server could not be reached.', { isRetryable: true, cause });
    // A response that still comes is let go, or its connection would stay open.
    started.then((value) => (value as Partial<Response>).body?.cancel()).catch(() => {});
    throw createAbortError();
  }
}
