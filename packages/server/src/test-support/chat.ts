import { createEngine, sqlite } from '@use-assistant/engine';
import type { Engine } from '@use-assistant/engine';
import { scriptedModel } from '@use-assistant/test-kit';
import type { ScriptedTurnSource } from '@use-assistant/test-kit';
import type OpenAI from 'openai';
import { createAssistantHandler } from '../handler/create-assistant-handler.ts';
import type { AssistantHandler } from '../handler/create-assistant-handler.ts';
import type { AssistantHandlerOptions } from '../handler/options.ts';
import { fakePython } from './fake-python.ts';

/** A whole back end in this process: handler, SDK, engine, a model with a script. */
export interface Chat {
  engine: Engine;
  openai: OpenAI;
  handler: AssistantHandler;
  /** Sends a request as this visitor; `path` is below the base path. */
  send(method: keyof AssistantHandler, path: string, init?: SendOptions): Promise<Response>;
  /** Sends a message and gives the streamed answer. */
  say(text: string, threadId?: string | null, more?: object): Promise<Response>;
  /** Uploads a file. */
  upload(name: string, content: string): Promise<{ id: string; url: string; mediaType: string }>;
  close(): Promise<void>;
}

/** What a request may carry. */
export interface SendOptions {
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  user?: string;
}

/** What a test may want to be different. */
export interface ChatOptions extends Partial<AssistantHandlerOptions> {
  turns: ScriptedTurnSource[];
  python?: Parameters<typeof fakePython>[0];
}

/** Starts a chat; callers are told apart by a header, `alice` by default. */
export function startChat({ turns, python = () => {}, ...options }: ChatOptions): Chat {
  const engine = createEngine({
    model: scriptedModel(turns),
    storage: sqlite(':memory:'),
    codeInterpreter: fakePython(python),
    log: () => {},
  });
  const openai = engine.openai();
  const handler = createAssistantHandler({
    openai,
    assistant: {
      name: 'Test',
      model: 'scripted',
      tools: [{ type: 'code_interpreter' }, { type: 'file_search' }],
    },
    authorize: (request) => request.headers.get('x-user'),
    secret: 'a secret for tests',
    ...options,
  });
  const send: Chat['send'] = (method, path, { body, form, headers, signal, user = 'alice' } = {}) =>
    handler[method](
      new Request(`http://chat.test/api/assistant${path}`, {
        method,
        headers: {
          'x-user': user,
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        ...(form && { body: form }),
        ...(signal && { signal }),
      }),
    );
  return {
    engine,
    openai,
    handler,
    send,
    say: (text, threadId = null, more = {}) => {
      const message = { id: `page-${text}`, role: 'user', parts: [{ type: 'text', text }] };
      return send('POST', '', { body: { threadId, message, ...more } });
    },
    async upload(name, content) {
      const form = new FormData();
      form.set('file', new File([content], name));
      const response = await send('POST', '/files', { form });
      if (response.status !== 201) throw new Error(await response.text());
      return response.json();
    },
    close: () => engine.close(),
  };
}
