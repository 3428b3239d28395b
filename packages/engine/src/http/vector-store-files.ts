import { Hono } from 'hono';
import { z } from 'zod';
import type { EngineContext } from '../engine-context.ts';
import { readText } from '../search/index.ts';
import { listObjects, UnknownCursorError, type Page, type PageRequest } from '../storage/pages.ts';
import type { Database } from '../storage/records.ts';
import {
  addStoreFiles,
  autoChunking,
  cancelBatch,
  findBatch,
  findStoreFile,
  insertBatch,
  isExpired,
  removeStoreFile,
  saveStoreFile,
  storeFileKey,
  touchVectorStore,
  type FileToAdd,
} from '../storage/vector-stores.ts';
import type { VectorStoreFile } from '../vector-store-wire.ts';
import { found, notFound } from './errors.ts';
import { check, readBody, readPage } from './validation.ts';
import { addFileSchema, createBatchSchema, updateFileSchema } from './vector-store-bodies.ts';
import { expired, findStore, pollAfter, requireFiles } from './vector-store-lookup.ts';

const filterSchema = z.enum(['in_progress', 'completed', 'failed', 'cancelled']).optional();

/** `/vector_stores/{store}/files` and `/vector_stores/{store}/file_batches` */
export function vectorStoreFileRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  /** Adds files to a store that is open for them. */
  const add = async (from: Database, storeId: string, files: FileToAdd[], batchId?: string) => {
    const store = await findStore(from, storeId);
    if (isExpired(store)) throw expired(store);
    await requireFiles(
      from,
      files.map(({ fileId }) => fileId),
    );
    await touchVectorStore(from, store);
    return addStoreFiles(from, storeId, files, batchId);
  };

  const findFile = async (from: Database, storeId: string, fileId: string) => {
    await findStore(from, storeId);
    return found(await findStoreFile(from, storeId, fileId), 'file', fileId);
  };

  routes.post('/:store/files', async (c) => {
    const body = await readBody(c, addFileSchema);
    const [file] = await database.transaction().execute((transaction) =>
      add(transaction, c.req.param('store'), [
        {
          fileId: body.file_id,
          chunking: body.chunking_strategy ?? autoChunking,
          attributes: body.attributes ?? {},
        },
      ]),
    );
    return c.json(file, 200, pollAfter);
  });

  routes.get('/:store/files', async (c) => {
    const { id } = await findStore(database, c.req.param('store'));
    const status = check(filterSchema, c.req.query('filter'));
    return c.json(await listFiles(database, id, { status }, readPage(c)));
  });

  routes.get('/:store/files/:file', async (c) => {
    const { file } = await findFile(database, c.req.param('store'), c.req.param('file'));
    return c.json(file, 200, pollAfter);
  });

  routes.post('/:store/files/:file', async (c) => {
    const body = await readBody(c, updateFileSchema);
    return c.json(
      await database.transaction().execute(async (transaction) => {
        const { file } = await findFile(transaction, c.req.param('store'), c.req.param('file'));
        const changed: VectorStoreFile = { ...file, attributes: body.attributes ?? {} };
        await saveStoreFile(transaction, changed);
        return changed;
      }),
    );
  });

  routes.delete('/:store/files/:file', async (c) => {
    const { store, file } = c.req.param();
    await findStore(database, store);
    if (!(await removeStoreFile(database, store, file))) throw notFound('file', file);
    return c.json({ id: file, object: 'vector_store.file.deleted', deleted: true });
  });

  routes.get('/:store/files/:file/content', async (c) => {
    const { sequence } = await findFile(database, c.req.param('store'), c.req.param('file'));
    const text = await readText(database, sequence);
    const data = text === '' ? [] : [{ type: 'text', text }];
    return c.json({ object: 'vector_store.file_content.page', data, has_more: false, next_page: null });
  });

  routes.post('/:store/file_batches', async (c) => {
    const storeId = c.req.param('store');
    const body = await readBody(c, createBatchSchema);
    const chunking = body.chunking_strategy ?? autoChunking;
    const attributes = body.attributes ?? {};
    const files =
      body.files?.map((file): FileToAdd => ({
        fileId: file.file_id,
        chunking: file.chunking_strategy ?? autoChunking,
        attributes: file.attributes ?? {},
      })) ?? body.file_ids!.map((fileId): FileToAdd => ({ fileId, chunking, attributes }));
    const batch = await database.transaction().execute(async (transaction) => {
      await findStore(transaction, storeId);
      const { id } = await insertBatch(transaction, storeId);
      await add(transaction, storeId, files, id);
      return findBatch(transaction, storeId, id);
    });
    return c.json(batch, 200, pollAfter);
  });

  const findBatchOf = async (from: Database, storeId: string, id: string) => {
    await findStore(from, storeId);
    return found(await findBatch(from, storeId, id), 'file batch', id);
  };

  routes.get('/:store/file_batches/:batch', async (c) =>
    c.json(await findBatchOf(database, c.req.param('store'), c.req.param('batch')), 200, pollAfter),
  );

  routes.post('/:store/file_batches/:batch/cancel', async (c) => {
    const { store, batch: id } = c.req.param();
    return c.json(
      await database.transaction().execute(async (transaction) => {
        await findBatchOf(transaction, store, id);
        await cancelBatch(transaction, id);
        return findBatchOf(transaction, store, id);
      }),
    );
  });

  routes.get('/:store/file_batches/:batch/files', async (c) => {
    const { store, batch } = c.req.param();
    await findBatchOf(database, store, batch);
    const status = check(filterSchema, c.req.query('filter'));
    return c.json(await listFiles(database, store, { batch_id: batch, status }, readPage(c)));
  });

  return routes;
}

/** A page of a store's files. The cursors are ids of files, the rows have ids of their own. */
async function listFiles(
  database: Database,
  storeId: string,
  filters: { batch_id?: string | undefined; status?: string | undefined },
  page: PageRequest,
): Promise<Page<VectorStoreFile>> {
  const toKey = (id: string | undefined) => (id === undefined ? undefined : storeFileKey(storeId, id));
  const request: PageRequest = { ...page, after: toKey(page.after), before: toKey(page.before) };
  try {
    return await listObjects<VectorStoreFile>(
      database,
      'vector_store_files',
      { vector_store_id: storeId, batch_id: filters.batch_id },
      request,
      filters.status,
    );
  } catch (error) {
    if (!(error instanceof UnknownCursorError)) throw error;
    throw new UnknownCursorError(error.cursor, page[error.cursor] ?? '');
  }
}
