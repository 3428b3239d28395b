import { Hono } from 'hono';
import { z } from 'zod';
import { createId } from '../ids.js';
import { listObjects } from '../storage/pages.js';
import { findObject, insertAssistant, saveObject } from '../storage/records.js';
import { nowSeconds } from '../wire.js';
import {
  assistantToolsSchema,
  reasoningEffortSchema,
  responseFormatSchema,
  temperatureSchema,
  toolResourcesSchema,
  topPSchema,
} from './bodies.js';
import { found, notFound } from './errors.js';
import { metadataSchema, readBody, readPage } from './validation.js';
const fields = {
  name: z.string().max(256).nullish(),
  description: z.string().max(512).nullish(),
  instructions: z.string().max(256_000).nullish(),
  tools: assistantToolsSchema.optional(),
  tool_resources: toolResourcesSchema,
  metadata: metadataSchema,
  temperature: temperatureSchema,
  top_p: topPSchema,
  response_format: responseFormatSchema,
  reasoning_effort: reasoningEffortSchema,
};
const createSchema = z.strictObject({ model: z.string().min(1), ...fields });
const updateSchema = z.strictObject({ model: z.string().min(1).optional(), ...fields });
/** `/assistants` */
export function assistantRoutes(context) {
  const { database } = context;
  const routes = new Hono();
  routes.post('/', async (c) => {
    const body = await readBody(c, createSchema);
    const assistant = {
      id: createId('assistant'),
      object: 'assistant',
      created_at: nowSeconds(),
      name: body.name ?? null,
      description: body.description ?? null,
      model: body.model,
      instructions: body.instructions ?? null,
      tools: body.tools ?? [],
      tool_resources: body.tool_resources ?? null,
      metadata: body.metadata ?? {},
      temperature: body.temperature ?? null,
      top_p: body.top_p ?? null,
      response_format: body.response_format ?? 'auto',
    };
    await insertAssistant(database, assistant, body.reasoning_effort ?? null);
    return c.json(assistant);
  });
  routes.get('/', async (c) => c.json(await listObjects(database, 'assistants', {}, readPage(c))));
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
        const changed = Object.assign(assistant, given(rest));
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
function given(body) {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
//# sourceMappingURL=assistants.js.map
