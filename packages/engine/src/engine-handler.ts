import type { LanguageModelV2, LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';
import type { CodeInterpreter } from '@use-assistant/interpreter';
import { none, pyodide } from '@use-assistant/interpreter';
import type { Hono } from 'hono';
import type { EngineContext } from './engine-context.ts';
import { FileKeeper } from './files/file-keeper.ts';
import { isHosted, type HostedTools } from './hosted/hosted.ts';
import { HostedContainers } from './hosted/hosted-containers.ts';
import { StoreMirrors } from './hosted/store-mirrors.ts';
import { createApp } from './http/app.ts';
import { ApiError } from './http/errors.ts';
import { createId } from './ids.ts';
import { consoleLog, type EngineLog } from './log.ts';
import { resolveModel } from './models/resolve-model.ts';
import { EventLog } from './runs/event-log.ts';
import { RunKeeper } from './runs/run-keeper.ts';
import { createLocalQueue } from './runs/run-queue.ts';
import { Embedder, type EngineEmbeddingModel } from './search/embed.ts';
import { Indexer } from './search/indexer.ts';
import { StorageError, type OpenStorage, type Storage } from './storage/port.ts';
import { sqlite } from './storage/sqlite.ts';
import { CodeSessions } from './tools/code-interpreter.ts';

/** A model object of the AI SDK, of any provider. */
export type EngineModel = LanguageModelV4 | LanguageModelV3 | LanguageModelV2;

/** How to make an engine; every setting has a default. */
export interface EngineOptions {
  /**
   * The model that answers, or a function from the model id of an assistant or run to a model.
   * @default what the environment names: see `resolveModel`
   */
  model?: EngineModel | ((modelId: string) => EngineModel | Promise<EngineModel>) | undefined;
  /**
   * Where everything is kept.
   * @default sqlite('.data')
   */
  storage?: Storage | undefined;
  /**
   * How Python is run: by a driver of `@use-assistant/interpreter`, or at OpenAI with `hosted`.
   * @default pyodide()
   */
  codeInterpreter?: CodeInterpreter | HostedTools | undefined;
  /**
   * Who searches files: the engine, or OpenAI with `hosted`.
   * @default the engine
   */
  fileSearch?: HostedTools | undefined;
  /**
   * Lets file search find by meaning as well as by words.
   * @default by words alone
   */
  embedding?: EngineEmbeddingModel | undefined;
  /** When given, every request must bring it as `Authorization: Bearer`. */
  apiKey?: string | undefined;
  /**
   * Takes what the engine has to say to its operator.
   * @default warnings and errors to standard error
   */
  log?: EngineLog | undefined;
}

/** An engine without its client: all that a server needs, which starts the quicker for it. */
export interface EngineHandler {
  /** Answers a request to `/v1/…`. Usable as the `fetch` of an `openai` client: nothing leaves the process. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** Opens the storage; rejects with a sentence that says why it cannot be. The first request does so by itself. */
  ready(): Promise<void>;
  /** Starts Python ahead of the first run that needs it. A server calls it once it listens; it may be left out. */
  warm(): Promise<void>;
  /**
   * Ends active runs, stores their ends, closes Python and the storage. With `grace` they first have that many
   * milliseconds to finish: no new ones are begun, everything else is still answered. Runs that wait for their caller
   * stay as they are.
   */
  close(options?: { grace?: number }): Promise<void>;
}

interface OpenEngine {
  context: EngineContext;
  app: Hono;
  storage: OpenStorage;
}

/**
 * Makes an engine's handler. Nothing is opened before the first request or `ready()`: a build that loads the module leaves no data
 * behind. When the storage cannot be opened, every request is answered with the reason.
 */
export function createHandler(options: EngineOptions = {}): EngineHandler {
  const models = toModels(options.model);
  let opening: Promise<OpenEngine> | undefined;
  let closing: Promise<void> | undefined;
  let isClosed = false;
  const open = (): Promise<OpenEngine> => (opening ??= openEngine(options, models));

  return {
    async fetch(input, init) {
      const request =
        input instanceof Request && init === undefined ? input : new Request(input, withDuplex(init));
      request.signal.throwIfAborted();
      if (isClosed) return errorResponse('The engine is closed.');
      let app: Hono;
      try {
        ({ app } = await open());
      } catch (error) {
        return errorResponse(
          error instanceof StorageError ? error.message : 'The engine could not be started.',
        );
      }
      return request.method === 'HEAD' ? fetchHead(app, request) : app.fetch(request);
    },
    async ready() {
      await open();
    },
    async warm() {
      const { context } = await open();
      if (!context.hosted) await context.code.warm();
    },
    close({ grace = 0 } = {}) {
      isClosed ||= grace === 0;
      return (closing ??= (async () => {
        const opened = await opening?.catch(() => undefined);
        if (grace > 0) await opened?.context.runs.drain(grace);
        isClosed = true;
        if (opened) await close(opened);
      })());
    },
  };
}

async function openEngine(options: EngineOptions, model: EngineContext['model']): Promise<OpenEngine> {
  const log = options.log ?? consoleLog;
  const storage = await (options.storage ?? sqlite('.data')).open({
    vectors: options.embedding !== undefined,
  });
  const owner = createId('owner');
  const python = options.codeInterpreter;
  const embedder = options.embedding && new Embedder(options.embedding);
  const context: EngineContext = {
    database: storage.database,
    blobs: storage.blobs,
    events: new EventLog(storage.database, (error) => {
      log('error', 'Events could not be stored.', { cause: String(error) });
    }),
    runs: createLocalQueue(owner, () => context),
    get keeper() {
      return keeper;
    },
    files: new FileKeeper(storage.database, storage.blobs, (error) => {
      log('error', 'Looking after files failed.', { cause: String(error) });
    }),
    code: new CodeSessions(() => (isHosted(python) ? none() : (python ?? pyodide())), storage.blobs),
    hosted: isHosted(python) ? new HostedContainers(python.hosted, { ...storage, log }) : undefined,
    mirrors: options.fileSearch && new StoreMirrors(options.fileSearch.hosted, { ...storage, log }),
    indexer: new Indexer({
      database: storage.database,
      blobs: storage.blobs,
      owner,
      livingOwners: () => keeper.livingOwners(),
      embedder,
      log,
    }),
    embedder,
    model,
    log,
  };
  const keeper = new RunKeeper(context);
  try {
    await keeper.start();
    await context.files.start();
    await context.indexer.start();
    context.mirrors?.start();
  } catch (error) {
    await storage.close();
    throw error;
  }
  return { context, app: createApp(context, options.apiKey), storage };
}

async function close({ context, storage }: OpenEngine): Promise<void> {
  await context.runs.close();
  await context.events.close();
  await context.keeper.close();
  await context.files.close();
  await context.indexer.close();
  await context.mirrors?.close();
  await context.code.close();
  await storage.close();
}

function toModels(model: EngineOptions['model']): EngineContext['model'] {
  if (typeof model === 'function') return async (modelId) => toV4(await model(modelId));
  if (model) {
    let one: Promise<LanguageModelV4> | undefined;
    return () => (one ??= toV4(model));
  }
  const environment = resolveModel(process.env);
  return async (modelId) => environment.resolve(modelId);
}

/** Older models are spoken to through the AI SDK's own adapter. */
async function toV4(model: EngineModel): Promise<LanguageModelV4> {
  if (model.specificationVersion === 'v4') return model;
  const { wrapLanguageModel } = await import('ai');
  return wrapLanguageModel({ model, middleware: [] }) as LanguageModelV4;
}

/** Hono would leave what it does not send open for ever: a stream that nobody reads, or a file. */
async function fetchHead(app: Hono, request: Request): Promise<Response> {
  const response = await app.fetch(new Request(request, { method: 'GET' }));
  await response.body?.cancel();
  return new Response(null, response);
}

/** A streamed body needs `duplex`, which clients of a plain `fetch` leave out. */
function withDuplex(init: RequestInit | undefined): RequestInit | undefined {
  return init?.body instanceof ReadableStream ? ({ duplex: 'half', ...init } as RequestInit) : init;
}

function errorResponse(message: string): Response {
  return Response.json(new ApiError(503, message).toBody(), {
    status: 503,
    headers: { 'x-should-retry': 'false' },
  });
}
