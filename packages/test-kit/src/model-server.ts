import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A stand-in for a server that speaks chat completions, such as Ollama or vLLM. */
export interface ModelServer {
  /** What `OPENAI_BASE_URL` takes, with `/v1`. */
  url: string;
  /** The bodies of the requests so far. */
  requests: ChatRequest[];
  close(): Promise<void>;
}

/** The part of a chat-completions request that a reply may depend on. */
export interface ChatRequest {
  model: string;
  messages: { role: string; content: unknown }[];
  stream?: boolean;
}

/** What the server knows and says. */
export interface ModelServerOptions {
  /** Every other model id is answered with 404 and OpenAI's error body. @default ['stand-in'] */
  models?: string[];
  /** The words of the answer. */
  reply: (request: ChatRequest) => string[];
}

async function readBody(request: IncomingMessage): Promise<ChatRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendStream(response: ServerResponse, model: string, words: string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const send = (delta: object, finish_reason: string | null): void => {
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model };
    response.write(
      `data: ${JSON.stringify({ ...chunk, choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  };
  send({ role: 'assistant', content: '' }, null);
  for (const content of words) send({ content }, null);
  send({}, 'stop');
  response.end('data: [DONE]\n\n');
}

/** Starts the stand-in on a free port of this machine. */
export async function startModelServer(options: ModelServerOptions): Promise<ModelServer> {
  const models = new Set(options.models ?? ['stand-in']);
  const requests: ChatRequest[] = [];
  const server = createServer(async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
      return sendJson(response, 404, { error: { message: 'Unknown path', type: 'invalid_request_error' } });
    }
    const body = await readBody(request);
    requests.push(body);
    if (!models.has(body.model)) {
      const message = `The model '${body.model}' does not exist`;
      const error = { message, type: 'invalid_request_error', param: null, code: 'model_not_found' };
      return sendJson(response, 404, { error });
    }
    sendStream(response, body.model, options.reply(body));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
}
