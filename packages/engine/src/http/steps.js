import { Hono } from 'hono';
import { listObjects } from '../storage/pages.js';
import { findObject, findRun } from '../storage/records.js';
import { notFound } from './errors.js';
import { readPage } from './validation.js';
/** `/threads/{thread}/runs/{run}/steps` */
export function stepRoutes(context) {
  const { database } = context;
  const routes = new Hono();
  routes.get('/:thread/runs/:run/steps', async (c) => {
    const { thread, run } = c.req.param();
    const stored = await findRun(database, run);
    if (stored?.run.thread_id !== thread) throw notFound('run', run);
    return c.json(await listObjects(database, 'steps', { run_id: run }, readPage(c)));
  });
  routes.get('/:thread/runs/:run/steps/:step', async (c) => {
    const { thread, run, step: id } = c.req.param();
    const step = await findObject(database, 'steps', id);
    if (step?.thread_id !== thread || step.run_id !== run) throw notFound('run step', id);
    return c.json(step);
  });
  return routes;
}
//# sourceMappingURL=steps.js.map
