import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../engine-context.ts';
import { createId } from '../ids.ts';
import { listObjects } from '../storage/pages.ts';
import { findObject, insertAssistant, saveObject } from '../storage/records.ts';
import { nowSeconds, type Assistant } from '../wire.ts';
import {
  assistantToolsSchema,
  reasoningEffortSchema,
  responseFormatSchema,
  temperatureSchema,
  topPSchema,
} from './bodies.ts';
import { found, notFound } from './errors.ts';
import { makeToolResources, newToolResourcesSchema } from './tool-resources.ts';
import { metadataSchema, readBody, readPage } from './validation.ts';

const fields = {
  name: z.string().max(256).nullish(),
  description: z.string().max(512).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: assistantToolsSchema.optional(),
  tool_resources: newToolResourcesSchema,
  metadata: metadataSchema,
  temperature: temperatureSchema,
  top_p: topPSchema,
  response_format: responseFormatSchema,
  reasoning_effort: reasoningEffortSchema,
};
const createSchema = z.strictObject({ model: z.string().min(1), ...fields });
const updateSchema = z.strictObject({ model: z.string().min(1).optional(), ...fields });

/** `/assistants` */
export function assistantRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  routes.post('/', async (c) => {
    const body = await readBody(c, createSchema);
    const assistant: Assistant = {
      id: createId('assistant'),
      object: 'assistant',
      created_at: nowSeconds(),
      name: body.name ?? null,
      description: body.description ?? null,
      model: body.model,
      instructions: body.instructions ?? null,
      tools: body.tools ?? [],
      tool_resources: null,
      metadata: body.metadata ?? {},
      temperature: body.temperature ?? null,
      top_p: body.top_p ?? null,
      response_format: body.response_format ?? 'auto',
    };
    await database.transaction().execute(async (transaction) => {
      assistant.tool_resources = (await makeToolResources(transaction, body.tool_resources)) ?? null;
      await insertAssistant(transaction, assistant, body.reasoning_effort ?? null);
    });
    return c.json(assistant);
  });

  routes.get('/', async (c) => c.json(await listObjects<Assistant>(database, 'assistants', {}, readPage(c))));

  routes.get('/:id', async (c) => {
    const id = c.req.param('id');
    return c.json(found(await findObject(database, 'assistants', id), 'assistant', id));
  });

  routes.post('/:id', async (c) => {
    const id = c.req.param('id');
    const body = await readBody(c, updateSchema);
    return c.json(
      await database.transaction().execute(async (transaction) => {
        const assistant = found(await findObject(transaction, 'assistants', id), 'assistant', id);
        const { reasoning_effort: effort, metadata, response_format: format, ...rest } = body;
        const tool_resources = await makeToolResources(transaction, body.tool_resources);
        const changed: Assistant = Object.assign(assistant, given({ ...rest, tool_resources }));
        if (metadata !== undefined) changed.metadata = metadata ?? {};
        if (format !== undefined) changed.response_format = format ?? 'auto';
        await saveObject(transaction, 'assistants', changed);
        if (effort !== undefined) {
          await transaction
            .updateTable('assistants')
            .set({ reasoning_effort: effort })
            .where('id', '=', id)
            .execute();
        }
        return changed;
      }),
    );
  });

  routes.delete('/:id', async (c) => {
    const id = c.req.param('id');
    const { numDeletedRows } = await database
      .deleteFrom('assistants')
      .where('id', '=', id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw notFound('assistant', id);
    return c.json({ id, object: 'assistant.deleted', deleted: true });
  });

  return routes;
}

/** The members that the request names; `undefined` does not count as named. */
function given<T extends object>(body: T): Partial<T> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Partial<T>;
}
