import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EdgeVM } from '@edge-runtime/vm';
import { Miniflare } from 'miniflare';
import { rolldown } from 'rolldown';

/** A request as any realm can make it. */
export interface RuntimeRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array<ArrayBuffer>;
}

/** The handler in a runtime. */
export interface Runtime {
  /** Whether a reader that leaves can be seen to have left. */
  noticesLeaving: boolean;
  send(url: string, request?: RuntimeRequest): Promise<Response>;
  close(): Promise<void>;
}

/** Starts the handler in each runtime, against the engine at this address. */
export const runtimes: Record<string, (engine: string) => Promise<Runtime>> = {
  async Node(engine) {
    const folder = await mkdtemp(join(tmpdir(), 'use-assistant-'));
    const file = join(folder, 'worker.mjs');
    await bundle('es', file);
    const { default: worker } = (await import(pathToFileURL(file).href)) as {
      default: { fetch(request: Request, env: object): Promise<Response> };
    };
    return {
      noticesLeaving: true,
      send: (url, request) => worker.fetch(new Request(url, request), { ENGINE: engine }),
      close: () => rm(folder, { recursive: true }),
    };
  },

  async 'the edge VM'(engine) {
    const vm = new EdgeVM();
    vm.evaluate(await bundle('iife'));
    const send = vm.evaluate<(url: string, request: object, engine: string) => Promise<Response>>(
      `(url, { body, ...init }, ENGINE) => worker.fetch(
        new Request(url, body === undefined ? init : { ...init, body: new Uint8Array(body) }), { ENGINE })`,
    );
    const encode = (body: string | Uint8Array) =>
      typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return {
      noticesLeaving: true,
      send: (url, { body, ...init } = {}) =>
        send(url, { ...init, ...(body !== undefined && { body: encode(body) }) }, engine),
      close: async () => {},
    };
  },

  async workerd(engine) {
    const miniflare = new Miniflare({
      modules: [{ type: 'ESModule', path: 'worker.mjs', contents: await bundle('es') }],
      compatibilityDate: '2026-01-01',
      bindings: { ENGINE: engine },
    });
    await miniflare.ready;
    return {
      // Here the bridge to it keeps to itself that a client has left.
      noticesLeaving: false,
      send: (url, request) => miniflare.dispatchFetch(url, request as never) as unknown as Promise<Response>,
      close: () => miniflare.dispose(),
    };
  },
};

/** One file with all that the handler needs, and nothing of Node. */
async function bundle(format: 'es' | 'iife', file?: string): Promise<string> {
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
  const options = { format, name: 'worker', codeSplitting: false } as const;
  const { output } =
    file === undefined ? await build.generate(options) : await build.write({ ...options, file });
  await build.close();
  return output[0].code;
}
