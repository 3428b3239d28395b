import { z } from 'zod';
import { saveObject, type Database } from '../storage/records.ts';
import {
  addStoreFiles,
  autoChunking,
  findStoreFile,
  findVectorStore,
  insertVectorStore,
  isExpired,
  touchVectorStore,
} from '../storage/vector-stores.ts';
import type { ExpiresAfter } from '../vector-store-wire.ts';
import type { Thread, ToolResources } from '../wire.ts';
import { findStore, requireFiles } from './vector-store-lookup.ts';
import { helperStoreSchema } from './vector-store-bodies.ts';

/** What a thread's own store gets: it goes when the thread is left alone for a week. */
export const threadStoreExpiry: ExpiresAfter = { anchor: 'last_active_at', days: 7 };

/** Files that an assistant or a thread lists for code interpreter. */
export const maxPythonFiles = 20;

const pythonSchema = z
  .strictObject({ file_ids: z.array(z.string()).max(maxPythonFiles).optional() })
  .optional();

/** A list with these added. When that is too long, the oldest of the others leave it, and only then of these. */
export function withFiles(known: string[], added: string[]): string[] {
  const all = [...new Set([...known, ...added])];
  const excess = Math.max(0, all.length - maxPythonFiles);
  const leaving = new Set(known.filter((id) => !added.includes(id)).slice(0, excess));
  return all.filter((id) => !leaving.has(id)).slice(-maxPythonFiles);
}

/** Files for the tools, with a store that is to be made on the way, if one is asked for. */
export const newToolResourcesSchema = z
  .strictObject({
    code_interpreter: pythonSchema,
    file_search: z
      .strictObject({
        vector_store_ids: z.array(z.string()).max(1).optional(),
        vector_stores: z.array(helperStoreSchema).max(1).optional(),
      })
      .refine(({ vector_store_ids: ids, vector_stores: stores }) => !ids?.length || !stores?.length, {
        path: ['vector_stores'],
        message: "give either 'vector_store_ids' or 'vector_stores'.",
      })
      .optional(),
  })
  .nullish();

export type NewToolResources = z.output<typeof newToolResourcesSchema>;

/** The resources as they are kept: every file and store exists, and those asked for are made. */
export async function makeToolResources(
  database: Database,
  resources: NewToolResources,
  storeExpiry?: ExpiresAfter,
): Promise<ToolResources | null | undefined> {
  await requireFiles(database, resources?.code_interpreter?.file_ids ?? []);
  const search = resources?.file_search;
  if (!search) return resources as ToolResources | null | undefined;
  const ids = [...(search.vector_store_ids ?? [])];
  for (const id of ids) await findStore(database, id);
  for (const wanted of search.vector_stores ?? []) {
    const { metadata, file_ids: fileIds = [], chunking_strategy: chunking = autoChunking } = wanted;
    const store = await insertVectorStore(database, { metadata, expiresAfter: storeExpiry });
    await requireFiles(database, fileIds);
    const files = fileIds.map((fileId) => ({ fileId, chunking, attributes: {} }));
    await addStoreFiles(database, store.id, files);
    ids.push(store.id);
  }
  return { ...resources, file_search: { vector_store_ids: ids } };
}

/**
 * Adds files that came with messages to the thread's store. A thread without one gets one, and so does a thread whose
 * store is gone or has expired: what is sent now can be searched again.
 */
export async function addSearchableFiles(
  database: Database,
  thread: Thread,
  fileIds: string[],
): Promise<void> {
  const known = thread.tool_resources?.file_search?.vector_store_ids?.[0];
  let store = known === undefined ? undefined : await findVectorStore(database, known);
  if (!store || isExpired(store)) {
    store = await insertVectorStore(database, { expiresAfter: threadStoreExpiry });
    thread.tool_resources = { ...thread.tool_resources, file_search: { vector_store_ids: [store.id] } };
    await saveObject(database, 'threads', thread);
  } else {
    await touchVectorStore(database, store);
  }
  const files = [];
  for (const fileId of new Set(fileIds)) {
    // A file that is sent once more need not be read once more.
    if (await findStoreFile(database, store.id, fileId)) continue;
    files.push({ fileId, chunking: autoChunking, attributes: {} });
  }
  await addStoreFiles(database, store.id, files);
}
