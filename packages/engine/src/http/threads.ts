import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { findObject, insertThread, saveObject, type Database } from '../storage/records.ts';
import { indexThread, listThreads, type MetadataFilter } from '../storage/thread-metadata.ts';
import { nowSeconds, type Thread } from '../wire.ts';
import { threadSchema, type ThreadBody } from './bodies.ts';
import { found } from './errors.ts';
import { addMessages, whenFull, type WhenFull } from './messages.ts';
import { makeToolResources, newToolResourcesSchema, threadStoreExpiry } from './tool-resources.ts';
import { metadataSchema, readBody, readPage } from './validation.ts';

const updateSchema = z.strictObject({ tool_resources: newToolResourcesSchema, metadata: metadataSchema });

/** Stores a new thread with its first messages. */
export async function createThread(database: Database, body: ThreadBody, full: WhenFull): Promise<Thread> {
  const thread: Thread = {
    id: createId('thread'),
    object: 'thread',
    created_at: nowSeconds(),
    metadata: body.metadata ?? {},
    tool_resources: (await makeToolResources(database, body.tool_resources, threadStoreExpiry)) ?? {},
  };
  await insertThread(database, thread);
  await addMessages(database, thread, body.messages ?? [], full);
  return thread;
}

/** Deletes the thread with all that is in it; answers the ids of its runs. */
async function deleteThread(database: Database, id: string): Promise<string[]> {
  found(await findObject(database, 'threads', id), 'thread', id);
  const runs = await database.selectFrom('runs').select('id').where('thread_id', '=', id).execute();
  const events = database.selectFrom('runs').select('sequence').where('thread_id', '=', id);
  await database.deleteFrom('events').where('run', 'in', events).execute();
  for (const table of ['steps', 'runs', 'messages'] as const) {
    await database.deleteFrom(table).where('thread_id', '=', id).execute();
  }
  await database.deleteFrom('threads').where('id', '=', id).execute();
  return runs.map((run) => run.id);
}

/** `/threads` and `/threads/{id}` */
export function threadRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  routes.post('/', async (c) => {
    const body = await readBody(c, threadSchema);
    return c.json(
      await database.transaction().execute((transaction) => createThread(transaction, body, whenFull(c))),
    );
  });

  // Our own: OpenAI lists no threads. Without a filter it stays the unknown route that it is there.
  routes.get('/', async (c, next) => {
    const filter = readMetadataFilter(c);
    return filter.length === 0 ? next() : c.json(await listThreads(database, filter, readPage(c)));
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
        if (body.tool_resources !== undefined) {
          const resources = await makeToolResources(transaction, body.tool_resources, threadStoreExpiry);
          thread.tool_resources = resources ?? {};
        }
        await saveObject(transaction, 'threads', thread);
        if (body.metadata !== undefined) await indexThread(transaction, thread);
        return thread;
      }),
    );
  });

  routes.delete('/:thread', async (c) => {
    const id = c.req.param('thread');
    const runs = await context.events.forget(() =>
      database.transaction().execute((transaction) => deleteThread(transaction, id)),
    );
    for (const run of runs) context.runs.abort(run, 'cancelled');
    await context.code.closeSession(id);
    await context.hosted?.closeThread(id);
    return c.json({ id, object: 'thread.deleted', deleted: true });
  });

  return routes;
}

/** `metadata[key]=value`; several values of one key are alternatives, several keys must all be met. */
function readMetadataFilter(c: Context): MetadataFilter {
  return Object.entries(c.req.queries()).flatMap(([name, values]) => {
    const key = /^metadata\[([^\]]+)\](\[\])?$/.exec(name)?.[1];
    return key === undefined ? [] : [[key, values] as const];
  });
}
