import type { IncomingMessage, ServerResponse } from 'node:http';
import { readForm, sendJson } from './wire.ts';

/** A container of the stand-in and what lies in it. */
export interface StandInContainer {
  id: string;
  name: string;
  /** The body it was made with. */
  settings: Record<string, unknown>;
  isExpired: boolean;
  isDeleted: boolean;
  files: StandInFile[];
}

export interface StandInFile {
  id: string;
  path: string;
  source: 'user' | 'assistant';
  bytes: Uint8Array;
  created_at: number;
}

/** Answered in OpenAI's error shape. */
export class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Ends a request with the error, or breaks its connection when an answer has begun. */
export function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) return void response.destroy();
  const status = error instanceof Refusal ? error.status : 500;
  const type = status === 429 ? 'rate_limit_error' : status >= 500 ? 'server_error' : 'invalid_request_error';
  const body = { error: { message: (error as Error).message, type, param: null, code: null } };
  response
    .writeHead(status, { 'content-type': 'application/json', 'retry-after-ms': '1' })
    .end(JSON.stringify(body));
}

/** A request as the shelves take it. */
export interface StandInRequest {
  method: string;
  path: string;
  body: unknown;
  bytes: Buffer;
  request: IncomingMessage;
}

/** All containers, and the routes below `/containers`. */
export class ContainerShelf {
  readonly all: StandInContainer[] = [];
  onCreate: ((container: StandInContainer) => void) | undefined;
  readonly #uploadPath: (name: string) => string;
  #files = 0;

  constructor(uploadPath: (name: string) => string) {
    this.#uploadPath = uploadPath;
  }

  /** The container, or OpenAI's refusal of one that is gone. */
  alive(id: string): StandInContainer {
    const container = this.all.find((one) => one.id === id && !one.isDeleted);
    if (!container) throw new Refusal(404, `Container with id '${id}' not found.`);
    if (container.isExpired) throw new Refusal(400, 'Container is expired.');
    return container;
  }

  expireAll(): void {
    for (const container of this.all) container.isExpired = true;
  }

  async answer(asked: StandInRequest, response: ServerResponse): Promise<void> {
    const { method } = asked;
    const url = new URL(asked.path, 'http://stand-in');
    const [, , id, , fileId, isContent] = url.pathname.split('/');
    if (id === undefined) {
      if (method !== 'POST') throw new Refusal(404, 'Unknown path');
      return sendJson(response, this.#create(asked.body as { name: string }));
    }
    const container = this.alive(id);
    if (!url.pathname.includes('/files')) {
      if (method === 'DELETE') container.isDeleted = true;
      return method === 'DELETE' ? void response.writeHead(204).end() : sendJson(response, show(container));
    }
    if (fileId === undefined) {
      if (method === 'POST')
        return sendJson(response, showFile(container, await this.#upload(container, asked)));
      return sendJson(response, listFiles(container, url));
    }
    const file = container.files.find((one) => one.id === fileId);
    if (!file) throw new Refusal(404, `File with id '${fileId}' not found.`);
    if (isContent === undefined) return sendJson(response, showFile(container, file));
    response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(file.bytes);
  }

  #create(settings: { name: string }): object {
    const container: StandInContainer = {
      id: `cntr_${this.all.length + 1}`,
      name: settings.name,
      settings,
      isExpired: false,
      isDeleted: false,
      files: [],
    };
    this.all.push(container);
    this.onCreate?.(container);
    return show(container);
  }

  async #upload(container: StandInContainer, asked: StandInRequest): Promise<StandInFile> {
    const file = (await readForm(asked)).get('file');
    if (!(file instanceof File)) throw new Refusal(400, "Missing required parameter: 'file'.");
    const content = new Uint8Array(await file.arrayBuffer());
    return this.#put(container, this.#uploadPath(file.name), 'user', content);
  }

  #put(
    container: StandInContainer,
    path: string,
    source: StandInFile['source'],
    bytes: Uint8Array,
  ): StandInFile {
    const file = { id: `cfile_up${++this.#files}`, path, source, bytes, created_at: this.#files };
    container.files.push(file);
    return file;
  }
}

/** Writes a file as code in the container does. */
export function writeInContainer(
  container: StandInContainer,
  name: string,
  content: string | Uint8Array,
): void {
  const path = `/mnt/data/${name}`;
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  const known = container.files.find((file) => file.path === path);
  if (known) Object.assign(known, { bytes, created_at: known.created_at + 1000 });
  else {
    const id = `cfile_${container.id.slice(5)}_${container.files.length + 1}`;
    container.files.push({ id, path, source: 'assistant', bytes, created_at: container.files.length + 1 });
  }
}

function show(container: StandInContainer): object {
  const { id, name } = container;
  return { id, object: 'container', name, created_at: 1, status: 'running', last_active_at: 1 };
}

function showFile(container: StandInContainer, file: StandInFile): object {
  const { id, path, source, created_at } = file;
  const bytes = file.bytes.length;
  return { id, object: 'container.file', container_id: container.id, path, source, bytes, created_at };
}

/** Two files a page, so that a client that reads one page only is found out. */
function listFiles(container: StandInContainer, url: URL): object {
  const after = container.files.findIndex(({ id }) => id === url.searchParams.get('after'));
  const page = container.files.slice(after + 1, after + 3);
  return {
    object: 'list',
    data: page.map((file) => showFile(container, file)),
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
    has_more: after + 3 < container.files.length,
  };
}
