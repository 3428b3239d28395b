import { Hono, type MiddlewareHandler } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { assistantRoutesV1 } from './v1/assistants.ts';
import { messageFileRoutes } from './v1/message-files.ts';
import { toV2Request } from './v1/requests.ts';
import { translateResponse } from './v1/responses.ts';

/** Answers a request in v2. */
export type V2 = (request: Request) => Promise<Response>;

/**
 * The dialect of 2023, for requests that ask for it by `OpenAI-Beta: assistants=v1`: what comes in is said again in v2,
 * what goes out is said again in v1. Everything between the two knows one API only.
 */
export function v1Dialect(context: EngineContext, v2: V2): MiddlewareHandler {
  const routes = new Hono();
  routes.route('/v1/assistants', assistantRoutesV1(context, v2));
  routes.route('/v1/threads', messageFileRoutes(context));
  routes.all('*', async (c) => translateResponse(context, await v2(await toV2Request(context, c))));
  routes.onError((error) => {
    throw error;
  });
  return async (c, next) => {
    if (!isV1(c.req.header('openai-beta'))) return next();
    return routes.fetch(c.req.raw);
  };
}

function isV1(beta: string | undefined): boolean {
  return beta !== undefined && beta.split(',').some((entry) => entry.trim() === 'assistants=v1');
}
