import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine, sqlite } from '@use-assistant/engine';
import type { Engine } from '@use-assistant/engine';
import { scriptedModel } from '@use-assistant/test-kit';
import type { ScriptedTurnSource } from '@use-assistant/test-kit';
import { toNodeListener } from '../node.ts';
import { fakePython } from './fake-python.ts';
import type { BackEnd, Play } from './runtime-entry.ts';
import type { Runtime, RuntimeRequest } from './runtimes.ts';

/** What a test may want to be different. */
export interface RuntimeChatOptions extends Omit<BackEnd, 'engine'> {
  turns: ScriptedTurnSource[];
  python?: Parameters<typeof fakePython>[0];
  /** Stands between the back end and the engine; `drop` hangs up. */
  between?: (
    request: Request,
    real: (request: Request) => Promise<Response>,
    drop: () => Response,
  ) => Promise<Response>;
}

/** A request of a test: a form or JSON, from alice if not from somebody else, or as it is. */
export interface ChatRequest extends Omit<RuntimeRequest, 'body'> {
  json?: unknown;
  form?: FormData;
  body?: RuntimeRequest['body'];
  user?: string;
}

/** A back end in a runtime, with an engine in this process. */
export interface RuntimeChat {
  engine: Engine;
  /** Sends a request to a path below the base path, or to a whole address. */
  send(method: string, path: string, request?: ChatRequest): Promise<Response>;
  say(text: string, threadId?: string | null, more?: object): Promise<Response>;
  upload(name: string, content: string): Promise<{ id: string; url: string; mediaType: string }>;
  close(): Promise<void>;
}

/** Starts a chat in a runtime; callers are told apart by a header. */
export async function startRuntimeChat(runtime: Runtime, options: RuntimeChatOptions): Promise<RuntimeChat> {
  const { turns, python = () => {}, between = (request, real) => real(request), ...backEnd } = options;
  const engine = createEngine({
    model: scriptedModel(turns),
    storage: sqlite(':memory:'),
    codeInterpreter: fakePython(python),
    log: () => {},
  });
  const server = createServer((incoming, outgoing) => {
    const drop = (): Response => {
      incoming.socket.destroy();
      return new Response();
    };
    void toNodeListener((request) => between(request, async (given) => engine.fetch(given), drop))(
      incoming,
      outgoing,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const settings: BackEnd = { hasUsers: true, ...backEnd, engine: address };
  const header = JSON.stringify(settings);

  const send: RuntimeChat['send'] = async (method, path, { json, form, user = 'alice', ...given } = {}) => {
    const headers: Record<string, string> = { 'x-back-end': header, 'x-user': user };
    let body = given.body;
    if (json !== undefined) {
      headers['content-type'] = 'application/json';
      body = JSON.stringify(json);
    } else if (form) {
      const encoded = new Response(form);
      headers['content-type'] = encoded.headers.get('content-type')!;
      body = new Uint8Array(await encoded.arrayBuffer());
    }
    return runtime.send(path.startsWith('http') ? path : `http://chat.test/api/assistant${path}`, {
      method,
      headers: { ...headers, ...given.headers },
      ...(body !== undefined && { body }),
    });
  };
  return {
    engine,
    send,
    say: (text, threadId = null, more = {}) => {
      const message = { id: `page-${text}`, role: 'user', parts: [{ type: 'text', text }] };
      return send('POST', '', { json: { threadId, message, ...more } });
    },
    async upload(name, content) {
      const form = new FormData();
      form.set('file', new File([content], name));
      const response = await send('POST', '/files', { form });
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as Awaited<ReturnType<RuntimeChat['upload']>>;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await engine.close();
    },
  };
}

/** What `AssistantResponse` answers in a runtime, when this is played to it. */
export function respondIn(runtime: Runtime, played: Play): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return runtime.send('http://chat.test/respond', { method: 'POST', headers, body: JSON.stringify(played) });
}
