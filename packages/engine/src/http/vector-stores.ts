import { Hono, type Context } from 'hono';
import type { EngineContext } from '../engine-context.ts';
import { searchStores } from '../search/search.ts';
import { listObjects } from '../storage/pages.ts';
import {
  addStoreFiles,
  autoChunking,
  completeStores,
  insertVectorStore,
  isExpired,
  saveVectorStore,
  setExpiry,
  touchVectorStore,
  type StoredVectorStore,
} from '../storage/vector-stores.ts';
import type { SearchResultsPage, VectorStore } from '../vector-store-wire.ts';
import { notFound } from './errors.ts';
import { readBody, readPage } from './validation.ts';
import { createStoreSchema, searchSchema, updateStoreSchema } from './vector-store-bodies.ts';
import { expired, findStore, pollAfter, requireFiles } from './vector-store-lookup.ts';

/** `/vector_stores` */
export function vectorStoreRoutes(context: EngineContext): Hono {
  const { database } = context;
  const routes = new Hono();

  const answer = async (c: Context, store: StoredVectorStore) =>
    c.json((await completeStores(database, [store]))[0], 200, pollAfter);

  routes.post('/', async (c) => {
    const body = await readBody(c, createStoreSchema);
    const store = await database.transaction().execute(async (transaction) => {
      const { name, metadata, expires_after: expiresAfter } = body;
      const created = await insertVectorStore(transaction, { name, metadata, expiresAfter });
      const fileIds = body.file_ids ?? [];
      await requireFiles(transaction, fileIds);
      const chunking = body.chunking_strategy ?? autoChunking;
      const files = fileIds.map((fileId) => ({ fileId, chunking, attributes: {} }));
      await addStoreFiles(transaction, created.id, files);
      return created;
    });
    return answer(c, store);
  });

  routes.get('/', async (c) => {
    const page = await listObjects<StoredVectorStore>(database, 'vector_stores', {}, readPage(c));
    const data: VectorStore[] = await completeStores(database, page.data);
    return c.json({ ...page, data });
  });

  routes.get('/:store', async (c) => answer(c, await findStore(database, c.req.param('store'))));

  routes.post('/:store', async (c) => {
    const body = await readBody(c, updateStoreSchema);
    const store = await database.transaction().execute(async (transaction) => {
      let store = await findStore(transaction, c.req.param('store'));
      if (body.expires_after !== undefined) {
        if (isExpired(store)) throw expired(store);
        store = setExpiry(store, body.expires_after ?? undefined);
      }
      if (body.name !== undefined) store.name = body.name ?? '';
      if (body.metadata !== undefined) store.metadata = body.metadata ?? {};
      await saveVectorStore(transaction, store);
      return store;
    });
    return answer(c, store);
  });

  routes.delete('/:store', async (c) => {
    const id = c.req.param('store');
    const { numDeletedRows } = await database
      .deleteFrom('vector_stores')
      .where('id', '=', id)
      .executeTakeFirst();
    if (numDeletedRows === 0n) throw notFound('vector store', id);
    return c.json({ id, object: 'vector_store.deleted', deleted: true });
  });

  routes.post('/:store/search', async (c) => {
    const body = await readBody(c, searchSchema);
    // In one transaction: what is changed in between would be written over.
    const store = await database.transaction().execute(async (transaction) => {
      const store = await findStore(transaction, c.req.param('store'));
      if (isExpired(store)) throw expired(store);
      await touchVectorStore(transaction, store);
      return store;
    });
    const queries = typeof body.query === 'string' ? [body.query] : body.query;
    const hits = await searchStores(context, [store.id], queries, {
      limit: body.max_num_results,
      threshold: body.ranking_options?.score_threshold,
      filter: body.filters,
      signal: c.req.raw.signal,
    });
    const page: SearchResultsPage = {
      object: 'vector_store.search_results.page',
      search_query: queries,
      data: hits.map(({ fileId, filename, score, attributes, text }) => ({
        file_id: fileId,
        filename,
        score,
        attributes,
        content: [{ type: 'text', text }],
      })),
      has_more: false,
      next_page: null,
    };
    return c.json(page);
  });

  return routes;
}
