import { createId } from '../ids.ts';
import type {
  Attributes,
  ExpiresAfter,
  FileBatch,
  FileCounts,
  FileStatus,
  StaticChunking,
  VectorStore,
  VectorStoreFile,
} from '../vector-store-wire.ts';
import { nowSeconds, type FileObject, type Metadata } from '../wire.ts';
import type { Database } from './records.ts';

/** A vector store as it is kept: what follows from its files is counted when it is asked for. */
export type StoredVectorStore = Omit<VectorStore, 'usage_bytes' | 'file_counts' | 'status'>;
export type StoredBatch = Omit<FileBatch, 'status' | 'file_counts'>;

/** A file that a store shall take. */
export interface FileToAdd {
  fileId: string;
  chunking: StaticChunking;
  attributes: Attributes;
}

/** What is used where nothing is said. */
export const autoChunking: StaticChunking = {
  type: 'static',
  static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 },
};

const maxFilesPerStore = 10_000;

/** A store takes no more files. */
export class StoreFullError extends Error {
  override readonly name = 'StoreFullError';

  constructor() {
    super(`A vector store takes at most ${maxFilesPerStore} files.`);
  }
}

const secondsPerDay = 86_400;

export async function insertVectorStore(
  database: Database,
  options: {
    name?: string | null | undefined;
    metadata?: Metadata | null | undefined;
    expiresAfter?: ExpiresAfter | undefined;
  },
): Promise<StoredVectorStore> {
  const now = nowSeconds();
  const { name, metadata, expiresAfter } = options;
  const store: StoredVectorStore = {
    id: createId('vectorStore'),
    object: 'vector_store',
    created_at: now,
    name: name ?? '',
    ...(expiresAfter && { expires_after: expiresAfter }),
    expires_at: expiresAfter ? now + expiresAfter.days * secondsPerDay : null,
    last_active_at: now,
    metadata: metadata ?? {},
  };
  await database
    .insertInto('vector_stores')
    .values({
      id: store.id,
      created_at: now,
      expires_at: store.expires_at,
      body: JSON.stringify(store),
    })
    .execute();
  return store;
}

export async function findVectorStore(
  database: Database,
  id: string,
): Promise<StoredVectorStore | undefined> {
  const row = await database
    .selectFrom('vector_stores')
    .select('body')
    .where('id', '=', id)
    .executeTakeFirst();
  return row && (JSON.parse(row.body) as StoredVectorStore);
}

export async function saveVectorStore(database: Database, store: StoredVectorStore): Promise<void> {
  await database
    .updateTable('vector_stores')
    .set({ expires_at: store.expires_at, body: JSON.stringify(store) })
    .where('id', '=', store.id)
    .execute();
}

/** Whether the store's time is over. Then it answers nothing any more. */
export function isExpired(store: StoredVectorStore): boolean {
  return store.expires_at !== null && store.expires_at <= nowSeconds();
}

/** The store has been used: its time begins anew. An expired one stays so. */
export async function touchVectorStore(database: Database, store: StoredVectorStore): Promise<void> {
  const now = nowSeconds();
  if (store.last_active_at === now || isExpired(store)) return;
  await saveVectorStore(database, setExpiry({ ...store, last_active_at: now }, store.expires_after));
}

/** The store with another policy, or with none. */
export function setExpiry(store: StoredVectorStore, policy: ExpiresAfter | undefined): StoredVectorStore {
  const { expires_after: _, ...rest } = store;
  return {
    ...rest,
    ...(policy && { expires_after: policy }),
    expires_at: policy ? (store.last_active_at ?? store.created_at) + policy.days * secondsPerDay : null,
  };
}

/** The stores as the wire shows them, counted with one query. */
export async function completeStores(
  database: Database,
  stores: StoredVectorStore[],
): Promise<VectorStore[]> {
  if (stores.length === 0) return [];
  const rows = await database
    .selectFrom('vector_store_files')
    .select((of) => [
      'vector_store_id',
      'status',
      of.fn.countAll<number>().as('files'),
      of.fn.sum<number>('usage_bytes').as('bytes'),
    ])
    .where(
      'vector_store_id',
      'in',
      stores.map(({ id }) => id),
    )
    .groupBy(['vector_store_id', 'status'])
    .execute();
  return stores.map((store) => {
    const own = rows.filter((row) => row.vector_store_id === store.id);
    const counts = countFiles(own);
    const { id, object, created_at, name, ...rest } = store;
    return {
      id,
      object,
      created_at,
      name,
      usage_bytes: own.reduce((bytes, row) => bytes + Number(row.bytes), 0),
      file_counts: counts,
      status: isExpired(store) ? 'expired' : counts.in_progress > 0 ? 'in_progress' : 'completed',
      ...rest,
    };
  });
}

function countFiles(rows: { status: string; files: number | string | bigint }[]): FileCounts {
  const counts: FileCounts = { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 };
  for (const { status, files } of rows) {
    counts[status as FileStatus] += Number(files);
    counts.total += Number(files);
  }
  return counts;
}

/**
 * Adds files to a store; they are indexed soon after. A file that lies there already is taken in anew. Answers the rows in
 * the order given; every file must exist.
 */
export async function addStoreFiles(
  database: Database,
  storeId: string,
  files: FileToAdd[],
  batchId: string | null = null,
): Promise<VectorStoreFile[]> {
  const now = nowSeconds();
  const unique = new Map(files.map((file) => [file.fileId, file]));
  const added: VectorStoreFile[] = [];
  for (const { fileId, chunking, attributes } of unique.values()) {
    await removeStoreFile(database, storeId, fileId);
    const file: VectorStoreFile = {
      id: fileId,
      object: 'vector_store.file',
      usage_bytes: 0,
      created_at: now,
      vector_store_id: storeId,
      status: 'in_progress',
      last_error: null,
      chunking_strategy: chunking,
      attributes,
    };
    await database
      .insertInto('vector_store_files')
      .values({
        id: storeFileKey(storeId, fileId),
        created_at: now,
        body: JSON.stringify(file),
        vector_store_id: storeId,
        file_id: fileId,
        batch_id: batchId,
        status: file.status,
        usage_bytes: 0,
        owner: null,
        embedding_model: null,
      })
      .execute();
    added.push(file);
  }
  const { files: count } = await database
    .selectFrom('vector_store_files')
    .select((of) => of.fn.countAll<number>().as('files'))
    .where('vector_store_id', '=', storeId)
    .executeTakeFirstOrThrow();
  if (Number(count) > maxFilesPerStore) throw new StoreFullError();
  return added;
}

/** Of these ids the first that names no file. */
export async function findMissingFile(database: Database, fileIds: string[]): Promise<string | undefined> {
  const known = new Set<string>();
  for (let start = 0; start < fileIds.length; start += 500) {
    const rows = await database
      .selectFrom('files')
      .select(['id', 'body'])
      .where('id', 'in', fileIds.slice(start, start + 500))
      .execute();
    for (const { id, body } of rows) {
      const { expires_at: expiry } = JSON.parse(body) as FileObject;
      if (expiry === undefined || expiry > nowSeconds()) known.add(id);
    }
  }
  return fileIds.find((id) => !known.has(id));
}

/** The id of a file's row in a store. */
export function storeFileKey(storeId: string, fileId: string): string {
  return `${storeId}/${fileId}`;
}

export async function findStoreFile(
  database: Database,
  storeId: string,
  fileId: string,
): Promise<{ sequence: number; file: VectorStoreFile } | undefined> {
  const row = await database
    .selectFrom('vector_store_files')
    .select(['sequence', 'body'])
    .where('id', '=', storeFileKey(storeId, fileId))
    .executeTakeFirst();
  return row && { sequence: row.sequence, file: JSON.parse(row.body) as VectorStoreFile };
}

export async function saveStoreFile(
  database: Database,
  file: VectorStoreFile,
  more: { embeddingModel?: string | null } = {},
): Promise<void> {
  await database
    .updateTable('vector_store_files')
    .set({
      status: file.status,
      usage_bytes: file.usage_bytes,
      body: JSON.stringify(file),
      ...(more.embeddingModel !== undefined && { embedding_model: more.embeddingModel }),
    })
    .where('id', '=', storeFileKey(file.vector_store_id, file.id))
    .execute();
}

/** Takes a file out of a store, with all that was indexed of it; the File itself stays. Answers whether it was there. */
export async function removeStoreFile(database: Database, storeId: string, fileId: string): Promise<boolean> {
  const { numDeletedRows } = await database
    .deleteFrom('vector_store_files')
    .where('id', '=', storeFileKey(storeId, fileId))
    .executeTakeFirst();
  return numDeletedRows > 0n;
}

export async function insertBatch(database: Database, storeId: string): Promise<StoredBatch> {
  const batch: StoredBatch = {
    id: createId('fileBatch'),
    object: 'vector_store.files_batch',
    created_at: nowSeconds(),
    vector_store_id: storeId,
  };
  await database
    .insertInto('file_batches')
    .values({
      id: batch.id,
      created_at: batch.created_at,
      vector_store_id: storeId,
      body: JSON.stringify(batch),
    })
    .execute();
  return batch;
}

export async function findBatch(
  database: Database,
  storeId: string,
  id: string,
): Promise<FileBatch | undefined> {
  const row = await database
    .selectFrom('file_batches')
    .select('body')
    .where('id', '=', id)
    .where('vector_store_id', '=', storeId)
    .executeTakeFirst();
  if (!row) return undefined;
  const batch = JSON.parse(row.body) as StoredBatch;
  const rows = await database
    .selectFrom('vector_store_files')
    .select((of) => ['status', of.fn.countAll<number>().as('files')])
    .where('batch_id', '=', id)
    .groupBy('status')
    .execute();
  const counts = countFiles(rows);
  const status =
    counts.in_progress > 0
      ? 'in_progress'
      : counts.cancelled > 0
        ? 'cancelled'
        : counts.failed > 0 && counts.failed === counts.total
          ? 'failed'
          : 'completed';
  return { ...batch, status, file_counts: counts };
}

/** Gives up the files of a batch that are not indexed yet. */
export async function cancelBatch(database: Database, batchId: string): Promise<void> {
  const rows = await database
    .selectFrom('vector_store_files')
    .select('body')
    .where('batch_id', '=', batchId)
    .where('status', '=', 'in_progress')
    .execute();
  for (const { body } of rows) {
    await saveStoreFile(database, { ...(JSON.parse(body) as VectorStoreFile), status: 'cancelled' });
  }
}
