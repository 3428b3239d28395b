import type { Database } from '../storage/records.ts';
import { findMissingFile, findVectorStore, type StoredVectorStore } from '../storage/vector-stores.ts';
import { badRequest, fileNotFound, found, type ApiError } from './errors.ts';

/** When a client that polls should ask again; without the header the SDK waits five seconds. */
export const pollAfter = { 'openai-poll-after-ms': '100' };

/** The store, or its 404. */
export async function findStore(database: Database, id: string): Promise<StoredVectorStore> {
  return found(await findVectorStore(database, id), 'vector store', id);
}

/** Every id names a file, or its 404. */
export async function requireFiles(database: Database, fileIds: string[]): Promise<void> {
  const missing = await findMissingFile(database, fileIds);
  if (missing !== undefined) throw fileNotFound(missing);
}

/** What is answered of a store whose time is over. */
export function expired(store: { id: string }): ApiError {
  return badRequest(`Vector store ${store.id} is expired.`);
}
