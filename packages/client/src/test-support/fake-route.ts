import { encodeChunk } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { controlledStream } from '@use-assistant/test-kit/controlled-stream';

/** The answer of a run, in the hands of a test. */
export interface FakeStream {
  send(...chunks: AssistantChunk[]): void;
  /** Sends a chunk whose frame has an id. */
  sendAs(id: string, chunk: AssistantChunk): void;
  /** Sends raw text. */
  write(text: string): void;
  end(): void;
  /** Loses the connection. */
  drop(): void;
  readonly isCancelled: boolean;
}

/** One request that the client has made. */
export interface FakeCall {
  readonly method: string;
  /** Below `/api/assistant`. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: unknown;
  readonly init: RequestInit;
  readonly isAborted: boolean;
  respond(response: Response): void;
  json(value: unknown, status?: number): void;
  fail(): void;
  stream(): FakeStream;
}

/** A `fetch` whose every request waits for the test to answer it. */
export interface FakeRoute {
  fetch: typeof globalThis.fetch;
  readonly calls: readonly FakeCall[];
  /** The next request to this path that no `next` has given yet; waits for it. */
  next(request: string): Promise<FakeCall>;
}

const encoder = new TextEncoder();

/** Creates a route. With `ignoresSignal`, it goes on although the client has aborted. */
export function createFakeRoute({ ignoresSignal = false } = {}): FakeRoute {
  const calls: FakeCall[] = [];
  const taken = new Set<FakeCall>();
  const waiting: { request: string; resolve: (call: FakeCall) => void }[] = [];

  function hand(call: FakeCall): void {
    const index = waiting.findIndex(({ request }) => request === `${call.method} ${call.path}`);
    if (index < 0) return;
    taken.add(call);
    waiting.splice(index, 1)[0]!.resolve(call);
  }

  return {
    calls,
    fetch: (input, init = {}) =>
      new Promise<Response>((resolve, reject) => {
        const { signal } = init;
        const abort = () => reject(new DOMException('The operation was aborted.', 'AbortError'));
        if (signal?.aborted && !ignoresSignal) return abort();
        if (!ignoresSignal) signal?.addEventListener('abort', abort, { once: true });
        const call: FakeCall = {
          method: init.method ?? 'GET',
          path: String(input).replace('/api/assistant', ''),
          headers: new Headers(init.headers),
          body: typeof init.body === 'string' ? JSON.parse(init.body) : init.body,
          init,
          get isAborted() {
            return signal?.aborted ?? false;
          },
          respond(response) {
            signal?.removeEventListener('abort', abort);
            resolve(response);
          },
          json: (value, status = 200) => call.respond(Response.json(value, { status })),
          fail: () => reject(new TypeError('fetch failed')),
          stream() {
            const source = controlledStream<Uint8Array<ArrayBuffer>>();
            const write = (text: string) => {
              // What a server writes to a client that has gone is lost, and no fault.
              if (!source.isCancelled && source.desiredSize !== null) source.push(encoder.encode(text));
            };
            const headers = { 'content-type': 'text/event-stream' };
            signal?.addEventListener('abort', () => {
              if (!ignoresSignal && !source.isCancelled) source.fail(signal.reason);
            });
            call.respond(new Response(source.stream, { headers }));
            return {
              send: (...chunks) => write(chunks.map((chunk) => encodeChunk(chunk)).join('')),
              sendAs: (id, chunk) => write(encodeChunk(chunk, id)),
              write,
              end: () => source.close(),
              drop: () => source.fail(new TypeError('network error')),
              get isCancelled() {
                return source.isCancelled;
              },
            };
          },
        };
        calls.push(call);
        hand(call);
      }),
    next(request) {
      const call = calls.find(
        (candidate) => !taken.has(candidate) && `${candidate.method} ${candidate.path}` === request,
      );
      if (call) {
        taken.add(call);
        return Promise.resolve(call);
      }
      return new Promise((resolve) => waiting.push({ request, resolve }));
    },
  };
}

/** The chunks of a run that says `text`, up to its end. */
export function toTextRun(text: string, { runId = 'run_1', threadId = 'thread_1' } = {}): AssistantChunk[] {
  return [...toTextStart(text, { runId, threadId }), ...toTextEnd({ runId })];
}

/** The chunks of a run that has begun to say `text`. */
export function toTextStart(text: string, { runId = 'run_1', threadId = 'thread_1' } = {}): AssistantChunk[] {
  return [
    { type: 'start', messageId: runId, messageMetadata: { threadId, runId } },
    { type: 'data-status', data: { threadId, runId, status: 'in_progress' }, transient: true },
    { type: 'text-start', id: `${runId}:0` },
    { type: 'text-delta', id: `${runId}:0`, delta: text },
  ];
}

/** The chunks that end it. */
export function toTextEnd({ runId = 'run_1' } = {}): AssistantChunk[] {
  return [
    { type: 'text-end', id: `${runId}:0` },
    { type: 'finish', finishReason: 'stop', messageMetadata: { runStatus: 'completed' } },
  ];
}
