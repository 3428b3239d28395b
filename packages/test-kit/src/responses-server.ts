import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ContainerShelf, refuse, Refusal, type StandInContainer } from './responses/containers.ts';
import { ItemMemory, type InputItem } from './responses/item-memory.ts';
import { streamItems, type HostedItem } from './responses/stream-items.ts';
import { StoreShelf } from './responses/vector-stores.ts';

/** A stand-in for OpenAI's Responses, Containers, Files and Vector Stores: one process, no key, everything recorded. */
export interface ResponsesServer {
  /** What an official client takes as its `baseURL`, with `/v1`. */
  url: string;
  /** Every request so far. */
  requests: RecordedRequest[];
  /** The bodies of the requests to `/v1/responses`. */
  readonly responses: ResponsesRequest[];
  /** All containers that were ever made, in order. */
  readonly containers: StandInContainer[];
  /** The files and vector stores. */
  readonly shelf: StoreShelf;
  /** How many streams the client has left before their end. */
  readonly abandoned: number;
  /** Lets twenty minutes pass: every container there is expires. */
  expireContainers(): void;
  /** The next request whose method and path, such as `POST /files`, hold `part` is answered with this status. */
  failNext(part: string, status: number): void;
  /** The next such request is never answered. */
  hangNext(part: string): void;
  /** The next such request is answered when the function is called that this gives. */
  holdNext(part: string): () => void;
  /** Is called with each container that is made from now on. */
  onContainer(listener: (container: StandInContainer) => void): void;
  /** Is called with each request to `/v1/responses` before it is looked at; `turn` counts them from 0. */
  onRequest(listener: (request: ResponsesRequest, turn: number) => void): void;
  close(): Promise<void>;
}

export interface RecordedRequest {
  method: string;
  /** Below `/v1`. */
  path: string;
  /** The JSON of the request; undefined for a form or nothing. */
  body: unknown;
}

/** The part of a request to `/v1/responses` that a test looks at. */
export interface ResponsesRequest {
  model: string;
  input: InputItem[];
  instructions?: string;
  tools?: RequestedTool[];
  tool_choice?: unknown;
  include?: string[];
  stream?: boolean;
}

export interface RequestedTool {
  type: string;
  name?: string;
  container?: unknown;
  vector_store_ids?: string[];
  max_num_results?: number;
  ranking_options?: { ranker?: string; score_threshold?: number };
}

/** How an answer ends when it is not simply complete. */
export interface HostedAnswer {
  items: HostedItem[];
  /** Sends the events of all items in turns, as an answer with parallel work does. @default false */
  interleaved?: boolean;
  /** Ends with `response.failed`. */
  failure?: { code: string; message: string };
  /** Ends with `response.incomplete`. */
  incomplete?: 'max_output_tokens' | 'content_filter';
}

export interface ResponsesServerOptions {
  /** What the model answers; `turn` counts the requests from 0. */
  answer: (request: ResponsesRequest, turn: number) => HostedAnswer | HostedItem[];
  /** Where a file lies that was uploaded into a container. @default `/mnt/data/<name>` */
  uploadPath?: (name: string) => string;
}

/** Starts the stand-in on a free port of this machine. */
export async function startResponsesServer(options: ResponsesServerOptions): Promise<ResponsesServer> {
  const requests: RecordedRequest[] = [];
  const responses: ResponsesRequest[] = [];
  const containers = new ContainerShelf(options.uploadPath ?? ((name) => `/mnt/data/${name}`));
  const shelf = new StoreShelf();
  const memory = new ItemMemory();
  const held: { part: string; released: Promise<void> }[] = [];
  const failures: { part: string; status: number | 'hang' }[] = [];
  let onRequest: ((request: ResponsesRequest, turn: number) => void) | undefined;
  let abandoned = 0;

  const countIfLeft = (response: ServerResponse): void => {
    response.on('close', () => {
      if (!response.writableFinished) abandoned += 1;
    });
  };
  const respond = async (body: ResponsesRequest, response: ServerResponse): Promise<void> => {
    const turn = responses.push(body) - 1;
    onRequest?.(body, turn);
    const tool = body.tools?.find(({ type }) => type === 'code_interpreter');
    if (tool && typeof tool.container !== 'string') {
      throw new Refusal(400, 'This stand-in has no containers of its own: name one.');
    }
    const container = tool && containers.alive(String(tool.container));
    const searching = body.tools?.find(({ type }) => type === 'file_search');
    const stores = searching ? shelf.searchable(searching.vector_store_ids ?? []) : [];
    const search = {
      find: (query: string) =>
        shelf.search(
          stores,
          query,
          searching?.max_num_results ?? 20,
          searching?.ranking_options?.score_threshold ?? 0,
        ),
      fileId: (name: string) => shelf.fileOf(stores, name),
    };
    memory.check(body.input);
    const given = options.answer(body, turn);
    const answer = Array.isArray(given) ? { items: given } : given;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    countIfLeft(response);
    const includesResults = body.include?.includes('file_search_call.results') ?? false;
    await streamItems(answer, { response, container, memory, model: body.model, search, includesResults });
  };

  const server = createServer(async (request, response) => {
    const path = (request.url ?? '').replace(/^\/v1/, '');
    const bytes = await readBytes(request);
    const isJson = request.headers['content-type']?.startsWith('application/json');
    const body: unknown = isJson && bytes.length > 0 ? JSON.parse(bytes.toString('utf8')) : undefined;
    requests.push({ method: request.method ?? '', path, body });
    try {
      const failure = failures.findIndex(({ part }) => `${request.method} ${path}`.includes(part));
      if (failure !== -1) {
        const [told] = failures.splice(failure, 1);
        if (told!.status === 'hang') return void countIfLeft(response);
        throw new Refusal(told!.status, 'This request was told to fail.');
      }
      const hold = held.findIndex(({ part }) => `${request.method} ${path}`.includes(part));
      if (hold !== -1) await held.splice(hold, 1)[0]!.released;
      const asked = { method: request.method ?? '', path, body, bytes, request };
      if (request.method === 'POST' && path === '/responses')
        await respond(body as ResponsesRequest, response);
      else if (path.startsWith('/containers')) await containers.answer(asked, response);
      else if (path.startsWith('/files')) await shelf.answerFiles(asked, response);
      else if (path.startsWith('/vector_stores')) shelf.answerStores(asked, response);
      else throw new Refusal(404, `Unknown path ${path}`);
    } catch (error) {
      refuse(response, error);
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    responses,
    shelf,
    get containers() {
      return containers.all;
    },
    get abandoned() {
      return abandoned;
    },
    expireContainers: () => containers.expireAll(),
    failNext: (part, status) => void failures.push({ part, status }),
    hangNext: (part) => void failures.push({ part, status: 'hang' }),
    onRequest: (listener) => void (onRequest = listener),
    holdNext: (part) => {
      const { promise: released, resolve } = Promise.withResolvers<void>();
      held.push({ part, released });
      return resolve;
    },
    onContainer: (listener) => void (containers.onCreate = listener),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
