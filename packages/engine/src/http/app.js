import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono } from 'hono';
import { createId } from '../ids.js';
import { assistantRoutes } from './assistants.js';
import { ApiError, toApiError } from './errors.js';
import { fileRoutes } from './files.js';
import { messageRoutes } from './messages.js';
import { runRoutes } from './runs.js';
import { stepRoutes } from './steps.js';
import { threadRoutes } from './threads.js';
/** The engine's routes, under `/v1`. */
export function createApp(context, apiKey) {
  const app = new Hono();
  app.use('*', async (c, next) => {
    c.header('x-request-id', createId('request'));
    await next();
    c.res.headers.set('x-request-id', c.res.headers.get('x-request-id') ?? createId('request'));
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
  app.route('/v1/assistants', assistantRoutes(context));
  app.route('/v1/threads', runRoutes(context));
  app.route('/v1/threads', threadRoutes(context));
  app.route('/v1/threads', messageRoutes(context));
  app.route('/v1/threads', stepRoutes(context));
  app.route('/v1/files', fileRoutes(context));
  app.notFound((c) => {
    const message = `Invalid URL (${c.req.method} ${c.req.path})`;
    return c.json(new ApiError(404, message, { code: 'unknown_url' }).toBody(), 404);
  });
  app.onError((error, c) => {
    const answer = toApiError(error);
    if (answer.status >= 500) {
      context.log('error', `${c.req.method} ${c.req.path} failed.`, { cause: String(error) });
      // What failed here fails again: a retry at once would only double the work.
      c.header('x-should-retry', 'false');
    }
    return c.json(answer.toBody(), answer.status);
  });
  return app;
}
/** Of equal length whatever is compared. */
function digest(text) {
  return createHash('sha256').update(text).digest();
}
//# sourceMappingURL=app.js.map
