import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CodeInterpreter, CodeInterpreterSession } from '../../port.ts';

interface Machine {
  session: CodeInterpreterSession;
  /** Seconds since 1970 of the last change, by path. */
  changed: Map<string, number>;
  /** Milliseconds that it was asked to live. */
  lifetime: number;
}

const directory = '/mnt/data/';

/**
 * The wire of E2B as its package 2.8 speaks it, with a real Python behind: the control plane, the code interpreter and
 * the file system, the latter in Connect's JSON. Everything lies behind one address; sandboxes are told apart by header.
 */
export class E2bStandIn {
  readonly machines = new Map<string, Machine>();
  readonly requests: { method: string; path: string; body: string; key: string | undefined }[] = [];
  /** Answers in the place of the stand-in when it says true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  address = '';
  readonly #service: CodeInterpreter;
  #clock = 1_700_000_000;
  readonly #server = createServer((request, response) => {
    this.#serve(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else json(response, 500, { code: 500, message: String(error) });
    });
  });

  constructor(service: CodeInterpreter) {
    this.#service = service;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.address = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#service.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.address);
    const route = `${request.method} ${url.pathname}`;
    const body = await read(request);
    this.requests.push({
      method: request.method ?? '',
      path: url.pathname,
      body: body.toString('latin1'),
      key: request.headers['x-api-key'] as string | undefined,
    });
    if (this.intercept(request, response)) return;
    if (route === 'POST /v2/sandboxes') return this.#create(JSON.parse(String(body)), response);
    const control = /^\/sandboxes\/([^/]+)(\/timeout)?$/.exec(url.pathname);
    const id = control?.[1] ?? (request.headers['e2b-sandbox-id'] as string | undefined) ?? '';
    const machine = this.machines.get(id);
    if (machine === undefined) return json(response, 404, { code: 404, message: 'sandbox not found' });
    if (control?.[2] !== undefined) {
      machine.lifetime = JSON.parse(String(body)).timeout * 1000;
      return void response.writeHead(204).end();
    }
    if (control !== null && request.method === 'DELETE') {
      this.machines.delete(id);
      await machine.session.close();
      return void response.writeHead(204).end();
    }
    if (route === 'POST /execute') return this.#execute(machine, JSON.parse(String(body)).code, response);
    const path = url.searchParams.get('path') ?? '';
    if (route === 'POST /files') return this.#write(machine, path, request, body, response);
    if (route === 'GET /files') {
      const bytes = await machine.session.readFile(path).catch(() => undefined);
      if (bytes === undefined) return json(response, 404, { code: 404, message: 'file not found' });
      return void response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }
    if (route === 'POST /filesystem.Filesystem/ListDir') return this.#list(machine, response);
    json(response, 404, { code: 404, message: `no route ${route}` });
  }

  async #create(body: { timeout: number }, response: ServerResponse): Promise<void> {
    const sandboxID = randomUUID();
    const session = await this.#service.session(sandboxID);
    this.machines.set(sandboxID, { session, changed: new Map(), lifetime: body.timeout * 1000 });
    json(response, 201, {
      sandboxID,
      templateID: 'code-interpreter-v1',
      clientID: 'x',
      envdVersion: '0.4.0',
    });
  }

  async #execute(machine: Machine, code: string, response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.flushHeaders();
    const say = (message: object): void => void response.write(`${JSON.stringify(message)}\n`);
    const result = await machine.session.run(code, {
      onStdout: (text) => say({ type: 'stdout', text }),
      onStderr: (text) => say({ type: 'stderr', text }),
    });
    for (const { name } of result.files) machine.changed.set(directory + name, (this.#clock += 1));
    if (result.value !== undefined) say({ type: 'result', text: result.value, is_main_result: true });
    for (const text of /^# display (\S+)$/m.exec(code)?.slice(1) ?? []) {
      say({ type: 'result', png: text, text: '<Figure size 640x480 with 1 Axes>', is_main_result: false });
    }
    if (result.traceback !== undefined) {
      const [, name, value] = /\n(\w+): ?([^\n]*)$/.exec(`\n${result.traceback}`) ?? [];
      say({ type: 'error', name, value, traceback: `\u001b[0;31m${result.traceback}\u001b[0m` });
    }
    say({ type: 'number_of_executions', execution_count: 1 });
    // A machine that has died answers nothing any more.
    if (result.outcome === 'limited') response.destroy();
    else response.end();
  }

  async #write(
    machine: Machine,
    path: string,
    request: IncomingMessage,
    body: Buffer,
    response: ServerResponse,
  ): Promise<void> {
    const headers = { 'content-type': request.headers['content-type'] ?? '' };
    const form = await new Response(new Uint8Array(body), { headers }).formData();
    const file = form.get('file') as File;
    await machine.session.writeFile(path, new Uint8Array(await file.arrayBuffer()));
    machine.changed.set(path, (this.#clock += 1));
    json(response, 200, [{ name: path.split('/').at(-1), type: 'file', path }]);
  }

  async #list(machine: Machine, response: ServerResponse): Promise<void> {
    const files = await machine.session.listFiles();
    const entries = files.map(({ name, size }) => ({
      name: name.split('/').at(-1),
      type: 'FILE_TYPE_FILE',
      path: directory + name,
      size: String(size),
      modifiedTime: new Date(1000 * (machine.changed.get(directory + name) ?? 0)).toISOString(),
    }));
    json(response, 200, {
      entries: [...entries, { name: 'out', type: 'FILE_TYPE_DIRECTORY', path: `${directory}out` }],
    });
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
