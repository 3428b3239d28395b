import { fileURLToPath } from 'node:url';
import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { rolldown } from 'rolldown';
import worker from './runtime-entry.ts';

/** A request as any realm can make it. */
export interface RuntimeRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
}

/** Where the back ends of `runtime-entry` run. */
export interface Runtime {
  name: string;
  /** Whether a reader that leaves can be seen to have left. */
  noticesLeaving: boolean;
  /** Whether a request arrives as it was made. HTTP writes the length of a body itself, and reads a body ahead. */
  isDirect: boolean;
  /** Called once before the first request. */
  open(): Promise<void>;
  send(url: string, request?: RuntimeRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Every runtime that the handler is tested in. */
export const runtimes: Runtime[] = [createNode(), createEdgeVm(), createWorkerd()];

function createNode(): Runtime {
  return {
    name: 'Node',
    noticesLeaving: true,
    isDirect: true,
    open: async () => {},
    send: (url, request) => worker.fetch(new Request(url, { ...request, duplex: 'half' } as RequestInit)),
    close: async () => {},
  };
}

function createEdgeVm(): Runtime {
  type Send = (url: string, init: object, pull?: () => Promise<unknown>) => Promise<Response>;
  let sendInside: Send;
  return {
    name: 'the edge VM',
    noticesLeaving: true,
    isDirect: true,
    async open() {
      const vm = new EdgeVM();
      vm.evaluate(await bundle('iife'));
      sendInside = vm.evaluate<Send>(`(url, { body, ...init }, pull) => worker.fetch(new Request(url, {
        ...init,
        ...(body && { body: new Uint8Array(body) }),
        ...(pull && {
          duplex: 'half',
          body: new ReadableStream({
            async pull(controller) {
              const piece = await pull();
              if (piece) controller.enqueue(new Uint8Array(piece));
              else controller.close();
            },
          }, { highWaterMark: 0 }),
        }),
      }))`);
    },
    async send(url, { body, ...init } = {}) {
      if (body instanceof ReadableStream) {
        const reader = body.getReader();
        return ofThisRealm(await sendInside(url, init, async () => (await reader.read()).value));
      }
      const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
      return ofThisRealm(await sendInside(url, { ...init, ...(bytes && { body: bytes }) }));
    },
    close: async () => {},
  };
}

function createWorkerd(): Runtime {
  let miniflare: Miniflare;
  return {
    name: 'workerd',
    // The bridge to it keeps to itself that a client has left.
    noticesLeaving: false,
    isDirect: false,
    async open() {
      miniflare = new Miniflare({
        modules: [{ type: 'ESModule', path: 'worker.mjs', contents: await bundle('es') }],
        compatibilityDate: '2026-01-01',
      });
      await miniflare.ready;
    },
    async send(url, request) {
      const init = { ...request, duplex: 'half' } as never;
      return ofThisRealm((await miniflare.dispatchFetch(url, init)) as unknown as Response);
    },
    close: () => miniflare.dispose(),
  };
}

/** The response with the classes of this realm, and read no further than it is here. */
function ofThisRealm({ status, headers, body }: Response): Response {
  const reader = body?.getReader();
  const own =
    reader &&
    new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(new Uint8Array(value));
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  return new Response(own ?? null, { status, headers: [...headers] });
}

/** One file with all that the back ends need, and nothing of Node. */
async function bundle(format: 'es' | 'iife'): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL('runtime-entry.ts', import.meta.url)),
    platform: 'browser',
    resolve: {
      conditionNames: ['@use-assistant/source', 'workerd', 'worker', 'browser', 'import', 'default'],
    },
    // What is missing would be left as an import that no runtime has.
    onLog(level, log) {
      if (level === 'warn' && log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message);
    },
  });
  const { output } = await build.generate({ format, name: 'worker', codeSplitting: false });
  await build.close();
  return output[0].code;
}
