import { Hono } from 'hono';
import { z } from 'zod';
import { createId } from '../ids.js';
import { findActiveRun, findObject, insertThread, saveObject } from '../storage/records.js';
import { nowSeconds } from '../wire.js';
import { threadSchema, toolResourcesSchema } from './bodies.js';
import { found } from './errors.js';
import { addMessages } from './messages.js';
import { metadataSchema, readBody } from './validation.js';
const updateSchema = z.strictObject({ tool_resources: toolResourcesSchema, metadata: metadataSchema });
/** Stores a new thread with its first messages. */
export async function createThread(database, body) {
  const thread = {
    id: createId('thread'),
    object: 'thread',
    created_at: nowSeconds(),
    metadata: body.metadata ?? {},
    tool_resources: body.tool_resources ?? {},
  };
  await insertThread(database, thread);
  await addMessages(database, thread, body.messages ?? []);
  return thread;
}
/** `/threads` and `/threads/{id}` */
export function threadRoutes(context) {
  const { database } = context;
  const routes = new Hono();
  routes.post('/', async (c) => {
    const body = await readBody(c, threadSchema);
    return c.json(await database.transaction().execute((transaction) => createThread(transaction, body)));
  });
  routes.get('/:thread', async (c) => {
    const id = c.req.param('thread');
    return c.json(found(await findObject(database, 'threads', id), 'thread', id));
  });
  routes.post('/:thread', async (c) => {
    const id = c.req.param('thread');
    const body = await readBody(c, updateSchema);
    return c.json(
      await database.transaction().execute(async (transaction) => {
        const thread = found(await findObject(transaction, 'threads', id), 'thread', id);
        if (body.metadata !== undefined) thread.metadata = body.metadata ?? {};
        if (body.tool_resources !== undefined) thread.tool_resources = body.tool_resources ?? {};
        await saveObject(transaction, 'threads', thread);
        return thread;
      }),
    );
  });
  routes.delete('/:thread', async (c) => {
    const id = c.req.param('thread');
    const active = await database.transaction().execute(async (transaction) => {
      found(await findObject(transaction, 'threads', id), 'thread', id);
      const run = await findActiveRun(transaction, id);
      const runs = transaction.selectFrom('runs').select('id').where('thread_id', '=', id);
      await transaction.deleteFrom('events').where('run_id', 'in', runs).execute();
      for (const table of ['steps', 'runs', 'messages']) {
        await transaction.deleteFrom(table).where('thread_id', '=', id).execute();
      }
      await transaction.deleteFrom('threads').where('id', '=', id).execute();
      return run;
    });
    if (active) context.runs.abort(active.id, 'cancelled');
    await context.code.closeSession(id);
    return c.json({ id, object: 'thread.deleted', deleted: true });
  });
  return routes;
}
//# sourceMappingURL=threads.js.map
