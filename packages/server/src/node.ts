import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AssistantHandler } from './handler/create-assistant-handler.ts';

/** Listens to plain `http` servers, and is middleware for Express and its like. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** What a listener can serve: a handler with methods, or any function from request to response. */
export type FetchHandler = AssistantHandler | ((request: Request) => Response | Promise<Response>);

/** Serves a handler from Node's `http`. A client that leaves aborts the request's signal and cancels the stream. */
export function toNodeListener(handler: FetchHandler): NodeListener {
  return async (incoming, outgoing) => {
    const left = new AbortController();
    outgoing.on('close', () => left.abort());
    const answer = await answerOf(handler, toRequest(incoming, left.signal)).catch(
      () => new Response(null, { status: 500 }),
    );
    await send(answer, outgoing);
  };
}

async function answerOf(handler: FetchHandler, request: Request): Promise<Response> {
  if (typeof handler === 'function') return handler(request);
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  if (!Object.hasOwn(handler, method)) return new Response(null, { status: 405 });
  return handler[method as keyof AssistantHandler](request);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const isEncrypted = 'encrypted' in incoming.socket && incoming.socket.encrypted === true;
  const host = incoming.headers.host ?? 'localhost';
  // Express cuts the path that a router is mounted at out of `url`.
  const path = (incoming as { originalUrl?: string }).originalUrl ?? incoming.url ?? '/';
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const init: RequestInit & { duplex?: 'half' } = { method, headers, signal };
  if (hasBody) {
    init.body = bodyOf(incoming);
    init.duplex = 'half';
  }
  return new Request(`${isEncrypted ? 'https' : 'http'}://${host}${path}`, init);
}

function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const iterator = incoming[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
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

/** Reads by hand: piping a web stream into a response does not cancel it when the client leaves. */
async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  const headers: Record<string, string | string[]> = Object.fromEntries(answer.headers);
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
