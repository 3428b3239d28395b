import { Hono } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { listObjects } from '../storage/pages.ts';
import { findObject, findRun } from '../storage/records.ts';
import type { RunStep } from '../wire.ts';
import { notFound } from './errors.ts';
import { addContent, includesContent } from './include.ts';
import { readPage } from './validation.ts';

/** `/threads/{thread}/runs/{run}/steps` */
export function stepRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  routes.get('/:thread/runs/:run/steps', async (c) => {
    const { thread, run } = c.req.param();
    const stored = await findRun(database, run);
    if (stored?.run.thread_id !== thread) throw notFound('run', run);
    const content = includesContent(c);
    const page = await listObjects<RunStep>(database, 'steps', { run_id: run }, readPage(c));
    return c.json(content ? { ...page, data: await addContent(database, page.data) } : page);
  });

  routes.get('/:thread/runs/:run/steps/:step', async (c) => {
    const { thread, run, step: id } = c.req.param();
    const step = await findObject(database, 'steps', id);
    if (step?.thread_id !== thread || step.run_id !== run) throw notFound('run step', id);
    return c.json(includesContent(c) ? (await addContent(database, [step]))[0] : step);
  });

  return routes;
}
