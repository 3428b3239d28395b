import type { Tool, UITools } from 'ai';
import type { FunctionTools } from '../function-tools.ts';
import { refusal, toPublicError } from '../public-errors.ts';
import { createArrivals } from './arrivals.ts';
import { createAssistantLookUp } from './assistant.ts';
import { decodeSegment, json } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { deleteFile, downloadFile, downloadThreadFile } from './files.ts';
import type { AssistantHandlerOptions, HandlerClient } from './options.ts';
import { isForeign, isForStrangeHost } from './origin.ts';
import { errorHeaders, tooMany } from './rate-limit.ts';
import type { HandlerAction } from './rate-limit.ts';
import { createRunSlots } from './run-slots.ts';
import { createPrincipals } from './principal.ts';
import { resume } from './resume.ts';
import { run } from './run.ts';
import { createSecret } from './secret.ts';
import { createSignedIds } from './signed-ids.ts';
import { listThreads } from './thread-list.ts';
import { cancelThread, deleteThread, getThread, renameThread } from './threads.ts';
import { submitToolOutputs } from './tool-outputs.ts';
import { uploadFile } from './uploads.ts';

/** Answers one request; what a framework passes beside it is not needed. */
export interface RouteMethod<Tools extends UITools = UITools> {
  (request: Request, context?: unknown): Promise<Response>;
  /** Never there: tells a page that imports the type alone which tools there are, `useAssistant<typeof handler>()`. */
  readonly '~types'?: { tools: Tools };
}

/** The whole back end of a chat, for the exports of a route file. */
export interface AssistantHandler<Tools extends UITools = UITools> {
  GET: RouteMethod<Tools>;
  POST: RouteMethod<Tools>;
  PATCH: RouteMethod<Tools>;
  DELETE: RouteMethod<Tools>;
}

interface Route {
  action: HandlerAction;
  method: keyof AssistantHandler;
  /** Below the base path; `:name` stands for any one segment. */
  path: string;
  handle: (context: HandlerContext, call: Call) => Promise<Response>;
}

/** Every route there is. A test holds each against foreign callers. */
export const routes: readonly Route[] = [
  { action: 'run', method: 'POST', path: '', handle: run },
  { action: 'upload', method: 'POST', path: 'files', handle: uploadFile },
  { action: 'read', method: 'GET', path: 'files/:id', handle: downloadFile },
  { action: 'change', method: 'DELETE', path: 'files/:id', handle: deleteFile },
  { action: 'read', method: 'GET', path: 'threads', handle: listThreads },
  { action: 'read', method: 'GET', path: 'threads/:id', handle: getThread },
  { action: 'change', method: 'PATCH', path: 'threads/:id', handle: renameThread },
  { action: 'change', method: 'DELETE', path: 'threads/:id', handle: deleteThread },
  { action: 'read', method: 'GET', path: 'threads/:id/stream', handle: resumeThread },
  { action: 'read', method: 'GET', path: 'threads/:id/files/:name', handle: downloadThreadFile },
  { action: 'change', method: 'POST', path: 'threads/:id/cancel', handle: cancelThread },
  { action: 'run', method: 'POST', path: 'threads/:id/tool-outputs', handle: submitToolOutputs },
  { action: 'read', method: 'GET', path: ':id/stream', handle: resume },
];

function resumeThread(context: HandlerContext, call: Call): Promise<Response> {
  return resume(context, { ...call, params: { ...call.params, isThread: 'true' } });
}

/**
 * Makes the back end of a chat: runs, files, history, cancel, resume. The methods find their route in the URL, so they fit
 * any framework that speaks `Request` and `Response`.
 */
export function createAssistantHandler<Tools extends FunctionTools = FunctionTools>(
  options: AssistantHandlerOptions<Tools>,
  // What goes in and out, and no more: a declaration of the handler need not name what the tools are made of.
): AssistantHandler<{
  [Name in keyof Tools & string]: Tools[Name] extends Tool<infer Input, infer Output>
    ? { input: Input; output: [Output] extends [never] ? unknown : Output }
    : { input: unknown; output: unknown };
}> {
  const basePath = (options.basePath ?? '/api/assistant').replace(/\/+$/, '');
  let shared: { context: HandlerContext; principal: ReturnType<typeof createPrincipals> } | undefined;

  // Made with the first request: a build that only loads the route file needs no secret and no engine.
  function setUp(): NonNullable<typeof shared> {
    const secret = createSecret(options.secret);
    let client: Promise<HandlerClient> | undefined;
    const assistant = createAssistantLookUp(options.assistant, options.tools);
    return {
      principal: createPrincipals({ secret, authorize: options.authorize }),
      context: {
        options,
        basePath,
        assistant,
        signedIds: createSignedIds(secret),
        runSlots: createRunSlots(options.maxConcurrentRuns),
        arrivals: createArrivals(),
        openai: () => {
          const { openai } = options;
          client ??= Promise.resolve(typeof openai === 'function' ? openai() : openai).catch(
            (error: unknown) => {
              client = undefined;
              throw error;
            },
          );
          return client;
        },
      },
    };
  }

  async function answer(request: Request): Promise<Response> {
    try {
      const { route, params } = findRoute(request, basePath);
      if (isForStrangeHost(request, options.allowedHosts)) throw refusal('forbidden');
      if (route.method !== 'GET' && isForeign(request, options.allowedOrigins)) throw refusal('forbidden');
      shared ??= setUp();
      const { context, principal } = shared;
      const caller = await principal(request);
      if (!caller) throw refusal('unauthorized');
      const limit = await options.rateLimit?.(caller.id, route.action, request);
      if (limit && !limit.allowed) throw tooMany(limit.retryAfter ?? 1);
      const client = await context.openai();
      const response = await route.handle(context, { request, owners: caller.owners, client, params });
      for (const cookie of caller.setCookies ?? []) response.headers.append('set-cookie', cookie);
      if (request.method !== 'HEAD') return response;
      await response.body?.cancel();
      return new Response(null, response);
    } catch (error) {
      if (request.signal.aborted) return new Response(null, { status: 499 });
      const { code, message, status } = toPublicError(error, options.onError);
      const answer = json({ error: { code, message } }, status);
      for (const [name, value] of Object.entries(errorHeaders(error))) answer.headers.set(name, value);
      return answer;
    }
  }

  return { GET: answer, POST: answer, PATCH: answer, DELETE: answer };
}

function findRoute(request: Request, basePath: string): { route: Route; params: Record<string, string> } {
  const { pathname } = new URL(request.url);
  const inside = pathname === basePath || pathname.startsWith(`${basePath}/`);
  const segments = inside ? pathname.slice(basePath.length).split('/').filter(Boolean) : [];
  // Frameworks hand a HEAD to GET: it gets the same answer without the body.
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  let isKnown = false;
  for (const route of inside ? routes : []) {
    const params = match(route.path, segments);
    if (!params) continue;
    isKnown = true;
    if (route.method === method) return { route, params };
  }
  throw isKnown ? refusal('bad_request', 'This method is not allowed here.', 405) : refusal('not_found');
}

function match(path: string, segments: string[]): Record<string, string> | undefined {
  const wanted = path.split('/').filter(Boolean);
  if (wanted.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, name] of wanted.entries()) {
    const given = segments[index]!;
    if (name.startsWith(':')) params[name.slice(1)] = decodeSegment(given);
    else if (name !== given) return undefined;
  }
  return params;
}
