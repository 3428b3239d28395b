import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../../engine-context.ts';
import { listAssistantFiles, setAssistantFiles } from '../../storage/assistant-files.ts';
import { findObject } from '../../storage/records.ts';
import type { Assistant } from '../../wire.ts';
import { badRequest, fileNotFound, found } from '../errors.ts';
import type { V2 } from '../v1-dialect.ts';
import { check, readBody, readPage } from '../validation.ts';
import { pageOf } from './page-of.ts';
import { inV2, readFileIds, toV2Body } from './requests.ts';
import { translateResponse } from './responses.ts';
import { shareFiles } from './share-files.ts';

/** Files that an assistant may have. */
const maxFiles = 20;
const bodySchema = z.record(z.string(), z.unknown());
const attachSchema = z.strictObject({ file_id: z.string() });

/** What v1 has of its own below `/assistants`: `file_ids`, and `/assistants/{id}/files`. */
export function assistantRoutesV1(context: EngineContext, v2: V2): Hono {
  const { database } = context;
  const routes = new Hono();
  const serially = createSerial();

  /** Changes the assistant's files, and shares them with v2's tools. */
  const setFiles = async (request: Request, assistantId: string, fileIds: string[]): Promise<void> => {
    for (const id of fileIds) if (!(await findObject(database, 'files', id))) throw fileNotFound(id);
    const before = (await listAssistantFiles(database, assistantId)).map(({ id }) => id);
    await shareFiles(v2, request, assistantId, {
      removed: before.filter((id) => !fileIds.includes(id)),
      wanted: fileIds,
    });
    await database
      .transaction()
      .execute((transaction) => setAssistantFiles(transaction, assistantId, fileIds));
  };

  /** Creates or changes an assistant by v2, then gives it its files. */
  const save = async (request: Request, body: Record<string, unknown>): Promise<Response> => {
    const { file_ids, ...rest } = body;
    const fileIds = file_ids === undefined ? undefined : readFileIds(file_ids, 'file_ids', maxFiles);
    for (const id of fileIds ?? []) if (!(await findObject(database, 'files', id))) throw fileNotFound(id);
    const response = await v2(inV2(request, await toV2Body(context, rest)));
    if (!response.ok) return response;
    const assistant = (await response.clone().json()) as Assistant;
    // Tools that were added are for the files that were there.
    const wanted = fileIds ?? (await listAssistantFiles(database, assistant.id)).map(({ id }) => id);
    if (fileIds || wanted.length > 0) await setFiles(request, assistant.id, wanted);
    return translateResponse(context, response);
  };

  routes.post('/', async (c) => save(c.req.raw, await readBody(c, bodySchema)));

  routes.post('/:id', async (c) => {
    const body = await readBody(c, bodySchema);
    return serially(c.req.param('id'), () => save(c.req.raw, body));
  });

  const findFiles = async (id: string) => {
    found(await findObject(database, 'assistants', id), 'assistant', id);
    return (await listAssistantFiles(database, id)).map((file) => ({
      id: file.id,
      object: 'assistant.file',
      created_at: file.createdAt,
      assistant_id: id,
    }));
  };

  const findFile = async (assistantId: string, id: string) => {
    const file = (await findFiles(assistantId)).find((other) => other.id === id);
    if (!file) throw fileNotFound(id);
    return file;
  };

  routes.get('/:id/files', async (c) => c.json(pageOf(await findFiles(c.req.param('id')), readPage(c))));

  routes.post('/:id/files', async (c) => {
    const id = c.req.param('id');
    const { file_id } = check(attachSchema, await readBody(c, z.unknown()));
    return serially(id, async () => {
      const fileIds = (await findFiles(id)).map((file) => file.id);
      const wanted = [...new Set([...fileIds, file_id])];
      if (wanted.length > maxFiles) throw badRequest(`An assistant takes at most ${maxFiles} files.`);
      await setFiles(c.req.raw, id, wanted);
      return c.json(await findFile(id, file_id));
    });
  });

  routes.get('/:id/files/:file', async (c) => c.json(await findFile(c.req.param('id'), c.req.param('file'))));

  routes.delete('/:id/files/:file', async (c) => {
    const { id, file } = c.req.param();
    return serially(id, async () => {
      await findFile(id, file);
      const fileIds = (await findFiles(id)).map((other) => other.id).filter((other) => other !== file);
      await setFiles(c.req.raw, id, fileIds);
      return c.json({ id: file, object: 'assistant.file.deleted', deleted: true });
    });
  });

  return routes;
}

/** Runs work of one key one after the other: clients attach files side by side, each to a list that it has read. */
function createSerial(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const result = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = result
      .catch(() => {})
      .finally(() => {
        if (last.get(key) === settled) last.delete(key);
      });
    last.set(key, settled);
    return result;
  };
}
