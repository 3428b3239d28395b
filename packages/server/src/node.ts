import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssistantHandler } from './handler/create-assistant-handler.ts';

/** Listens to plain `http` servers, and is middleware for Express and its like. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What a listener can serve: a handler with methods, or any function from request to response. */
export type FetchHandler = AssistantHandler | ((request: Request) => Response | Promise<Response>);

/**
 * Serves a handler from Node's `http`. A client that leaves aborts the request's signal and cancels the stream. Middleware
 * that has read the body leaves what it has read in `request.body`, as `express.json()` does: that is taken, too.
 */
export function toNodeListener(handler: FetchHandler): NodeListener {
  return async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.on('close', () => left.abort());
    try {
      await send(await answerOf(handler, incoming, left.signal), incoming, outgoing);
    } catch {
      outgoing.destroy();
    }
  };
}

/** As much of Fastify as is needed here. */
export interface FastifyLike {
  removeAllContentTypeParsers(): unknown;
  addContentTypeParser(
    type: string,
    parser: (request: unknown, payload: unknown, done: (error: null) => void) => void,
  ): unknown;
  all(
    path: string,
    handle: (request: { raw: IncomingMessage }, reply: { raw: ServerResponse; hijack(): unknown }) => unknown,
  ): unknown;
}

/**
 * Serves a handler from Fastify: `app.register(toFastifyPlugin(handler), { prefix: '/api/assistant' })`. Bodies are left for
 * the handler to read.
 */
export function toFastifyPlugin(handler: FetchHandler): (app: FastifyLike) => Promise<void> {
  const listener = toNodeListener(handler);
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, done) => done(null));
    for (const path of ['/', '/*']) {
      app.all(path, (request, reply) => {
        reply.hijack();
        return listener(request.raw, reply.raw);
      });
    }
  };
}

async function answerOf(
  handler: FetchHandler,
  incoming: IncomingMessage,
  signal: AbortSignal,
): Promise<Response> {
  let request: Request;
  try {
    request = toRequest(incoming, signal);
  } catch {
    // A host or a method that no web request can have.
    return new Response(null, { status: 400 });
  }
  try {
    if (typeof handler === 'function') return await handler(request);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    if (!Object.hasOwn(handler, method)) return new Response(null, { status: 405 });
    return await handler[method as keyof AssistantHandler](request);
  } catch {
    return new Response(null, { status: 500 });
  }
}

/** A name or a number, and a port. Anything else could move where the path begins. */
const hostPattern = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const isEncrypted = 'encrypted' in incoming.socket && incoming.socket.encrypted === true;
  const host = incoming.headers.host ?? 'localhost';
  // Express cuts the path that a router is mounted at out of `url`.
  const path = (incoming as { originalUrl?: string }).originalUrl ?? incoming.url ?? '/';
  if (!hostPattern.test(host)) throw new TypeError('The host of the request is none.');
  if (!path.startsWith('/')) throw new TypeError('The target of the request is no path.');
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? 'GET';
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal };
  if (hasBody(incoming)) {
    init.body = bodyOf(incoming);
    init.duplex = 'half';
  }
  return new Request(`${isEncrypted ? 'https' : 'http'}://${host}${path}`, init);
}

function hasBody({ method }: IncomingMessage): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> | string | Uint8Array<ArrayBuffer> {
  const { body } = incoming as { body?: unknown };
  if (incoming.readableEnded && body !== undefined && body !== null) {
    if (typeof body === 'string') return body;
    return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
  }
  // Who is refused in the middle of his upload is told so: the connection stays until the answer is written.
  const iterator = incoming.iterator({ destroyOnReturn: false }) as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Milliseconds that a client which is still sending has to read its answer before it is hung up on. */
const lingering = 1000;

/** Reads by hand: piping a web stream into a response does not cancel it when the client leaves. */
async function send(answer: Response, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers);
  if (hasBody(incoming) && !incoming.complete) linger(incoming, outgoing);
  const cookies = answer.headers.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  if (outgoing.destroyed) {
    await answer.body?.cancel();
    return;
  }
  outgoing.writeHead(answer.status, headers);
  if (!answer.body) {
    outgoing.end();
    return;
  }
  outgoing.flushHeaders();
  const reader = answer.body.getReader();
  const onClose = (): void => void reader.cancel().catch(() => undefined);
  outgoing.on('close', onClose);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      if (!outgoing.write(value)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    outgoing.destroy();
  } finally {
    outgoing.off('close', onClose);
  }
}

function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    outgoing.on('drain', done);
    outgoing.on('close', done);
    if (outgoing.destroyed) done();
  });
}

/**
 * Gives a client that is still sending the time to read its answer: hung up on at once, it would lose it. What it sends
 * meanwhile is passed over.
 */
function linger(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.once('finish', () => {
    if (incoming.complete || incoming.destroyed) return;
    incoming.resume();
    const timer = setTimeout(() => incoming.destroy(), lingering);
    incoming.once('close', () => clearTimeout(timer));
  });
}
