import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type Context } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { assistantRoutes } from './assistants.ts';
import { ApiError, toApiError } from './errors.ts';
import { fileRoutes } from './files.ts';
import { messageRoutes } from './messages.ts';
import { runRoutes } from './runs.ts';
import { stepRoutes } from './steps.ts';
import { threadRoutes } from './threads.ts';
import { uploadRoutes } from './uploads.ts';
import { v1Dialect } from './v1-dialect.ts';
import { vectorStoreFileRoutes } from './vector-store-files.ts';
import { vectorStoreRoutes } from './vector-stores.ts';

/** The engine's routes, under `/v1`. */
export function createApp(context: EngineContext, apiKey: string | undefined): Hono {
  const app = new Hono();

  app.use('*', async (c, next) => {
    const begin = performance.now();
    await next();
    const request = createId('request');
    c.res.headers.set('x-request-id', request);
    const { status } = c.res;
    const ms = Math.round(performance.now() - begin);
    context.log('info', 'request', { method: c.req.method, path: pathPattern(c), status, ms, request });
  });

  app.get('/health', (c) => c.json({ status: 'ok' }));

  if (apiKey !== undefined) {
    const expected = digest(`Bearer ${apiKey}`);
    app.use('*', async (c, next) => {
      const header = c.req.header('authorization');
      if (header === undefined) {
        throw new ApiError(401, "You didn't provide an API key.", { code: 'missing_api_key' });
      }
      if (!timingSafeEqual(digest(header), expected)) {
        throw new ApiError(401, 'Incorrect API key provided.', { code: 'invalid_api_key' });
      }
      await next();
    });
  }

  const v2 = v2Routes(context);
  const dialect = v1Dialect(context, async (request) => v2.fetch(request, { isV1: true }));
  for (const path of ['/v1/assistants', '/v1/threads']) {
    app.use(path, dialect);
    app.use(`${path}/*`, dialect);
  }
  app.route('/', v2);
  return answerFailures(app, context);
}

/** The routes themselves: whoever gets here has been let in, and speaks v2. */
function v2Routes(context: EngineContext): Hono {
  const app = new Hono();

  app.use('/v1/*', async (c, next) => {
    await next();
    // It may have brought files to index, by whatever way, or have taken some out.
    if (c.req.method !== 'GET' && c.res.ok) context.indexer.wake();
    if (c.req.method === 'DELETE' && c.res.ok) context.mirrors?.wake();
  });

  app.route('/v1/assistants', assistantRoutes(context));
  app.route('/v1/threads', runRoutes(context));
  app.route('/v1/threads', threadRoutes(context));
  app.route('/v1/threads', messageRoutes(context));
  app.route('/v1/threads', stepRoutes(context));
  app.route('/v1/files', fileRoutes(context));
  app.route('/v1/uploads', uploadRoutes(context));
  app.route('/v1/vector_stores', vectorStoreRoutes(context));
  app.route('/v1/vector_stores', vectorStoreFileRoutes(context));
  return answerFailures(app, context);
}

/** Answers what no route knows, and what a route throws, in OpenAI's shape. */
function answerFailures(app: Hono, context: EngineContext): Hono {
  app.notFound((c) => {
    const message = `Invalid URL (${c.req.method} ${c.req.path})`;
    return c.json(new ApiError(404, message, { code: 'unknown_url' }).toBody(), 404);
  });
  app.onError((error, c) => {
    const answer = toApiError(error);
    if (answer.status >= 500 && !(error instanceof ApiError)) {
      context.log('error', `${c.req.method} ${pathPattern(c)} failed.`, { cause: String(error) });
      // What failed here fails again: a retry at once would only double the work.
      c.header('x-should-retry', 'false');
    }
    return c.json(answer.toBody(), answer.status);
  });
  return app;
}

/** The path with its names in place of ids; what no route knows is not repeated, for it may hold anything. */
function pathPattern(c: Context): string {
  return matchedRoutes(c).find(({ method }) => method !== 'ALL')?.path ?? 'unknown';
}

/** Of equal length whatever is compared. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
