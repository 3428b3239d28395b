import OpenAI from 'openai';
import { AssistantResponse, createAssistantHandler } from '../index.ts';
import type { AssistantHandler } from '../index.ts';
import type { AssistantResponseOptions } from '../assistant-response.ts';
import type { AssistantHandlerOptions } from '../handler/options.ts';
import { singing, tools } from './hooks.ts';
import { play, sing } from './scripts.ts';
import type { Script } from './scripts.ts';

/** The back end that a request is for, as it says itself in `x-back-end`. */
export interface BackEnd extends Pick<
  AssistantHandlerOptions,
  'limits' | 'allowedHosts' | 'allowedOrigins' | 'onDisconnect' | 'toolTimeout'
> {
  /** The address of its engine. */
  engine: string;
  /** Callers say in `x-user` who they are; otherwise they are visitors. */
  hasUsers?: boolean;
  /** Functions: `tools`, or which of the options throws. */
  hooks?: string;
}

/** What `POST /respond` plays through `AssistantResponse`. */
export interface Play {
  script: Script;
  settings?: Pick<AssistantResponseOptions, 'threadId' | 'messageId' | 'protocol'>;
  /** The option that throws. */
  singing?: 'fileUrl' | 'isClientTool' | 'needsApproval' | 'onError';
  /** There is a client, and none of its calls succeeds. */
  isClientBroken?: boolean;
}

function createBackEnd({ engine, hasUsers, hooks, ...options }: BackEnd): AssistantHandler {
  return createAssistantHandler({
    openai: () => new OpenAI({ apiKey: 'none', baseURL: `${engine}/v1`, maxRetries: 0 }),
    assistant: {
      name: 'Test',
      model: 'scripted',
      tools: [{ type: 'code_interpreter' }, { type: 'file_search' }],
    },
    secret: 'a secret for tests',
    ...(hasUsers && { authorize: (request) => request.headers.get('x-user') }),
    ...(hooks === 'tools' ? tools : hooks !== undefined && singing[hooks]),
    ...options,
  });
}

function respond({ script, settings, singing: where, isClientBroken }: Play): Response {
  return AssistantResponse(
    {
      ...settings,
      ...(isClientBroken && {
        openai: new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: async () => sing() }),
      }),
      ...(where !== undefined && { [where]: sing }),
    },
    (context) => play(script, context),
  );
}

const backEnds = new Map<string, AssistantHandler>();

/** Whole back ends for runtimes without Node: what a Worker exports. The engine is reached by HTTP. */
export default {
  async fetch(request: Request): Promise<Response> {
    if (new URL(request.url).pathname === '/respond') return respond((await request.json()) as Play);
    const wanted = request.headers.get('x-back-end')!;
    const backEnd = backEnds.get(wanted) ?? createBackEnd(JSON.parse(wanted) as BackEnd);
    backEnds.set(wanted, backEnd);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    return backEnd[method as keyof AssistantHandler](request);
  },
};
