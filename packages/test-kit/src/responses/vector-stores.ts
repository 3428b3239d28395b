import type { ServerResponse } from 'node:http';
import { Refusal, type StandInRequest } from './containers.ts';
import { findPassages, type Passage } from './passages.ts';
import { readForm, sendJson } from './wire.ts';

/** A File of the stand-in. */
export interface StandInUpload {
  id: string;
  filename: string;
  purpose: string;
  bytes: Uint8Array;
}

/** A vector store of the stand-in. */
export interface StandInStore {
  id: string;
  name: string;
  /** The body it was made with. */
  settings: Record<string, unknown>;
  isExpired: boolean;
  isDeleted: boolean;
  /** How often the store is still asked for before it knows of its new files. */
  lag: number;
  files: StandInStoreFile[];
}

export interface StandInStoreFile {
  file_id: string;
  attributes: Record<string, unknown> | null;
  chunking_strategy: unknown;
  /** How often the store is still asked for before the file can be searched. */
  waits: number;
  status: 'completed' | 'failed';
}

interface FileSettings {
  file_id: string;
  attributes?: Record<string, unknown> | null;
  chunking_strategy?: unknown;
}

/** All files and vector stores, and the routes below `/files` and `/vector_stores`. */
export class StoreShelf {
  readonly stores: StandInStore[] = [];
  readonly uploads: StandInUpload[] = [];
  /** How often a store is asked for before a new file of it can be searched. */
  waits = 0;
  /** How often a store is asked for before it counts a new file. */
  lag = 0;
  /** Names of files that no store takes. */
  readonly refused = new Set<string>();
  /** Names of files that cannot be read. */
  readonly unreadable = new Set<string>();
  #files = 0;

  /** The store, or OpenAI's refusal of one that is gone. */
  alive(id: string, message = `No vector store found with id '${id}'.`): StandInStore {
    const store = this.stores.find((one) => one.id === id && !one.isDeleted);
    if (!store) throw new Refusal(404, message);
    return store;
  }

  /** The stores that an answer may search. */
  searchable(ids: string[]): StandInStore[] {
    if (ids.length === 0) throw new Refusal(400, "Invalid 'vector_store_ids': empty array.");
    return ids.map((id) => {
      const store = this.alive(id, `Vector store with id ['${id}'] not found.`);
      if (store.isExpired) throw new Refusal(400, `Vector store ${id} is expired.`);
      return store;
    });
  }

  expireAll(): void {
    for (const store of this.stores) store.isExpired = true;
  }

  /** The passages that fit the words, best first. */
  search(stores: StandInStore[], query: string, limit: number, threshold: number): Passage[] {
    const files = stores.flatMap((store) =>
      store.files
        .filter(({ waits, status }) => waits === 0 && status === 'completed')
        .map(({ file_id, attributes }) => {
          const { id, filename, bytes } = this.#upload(file_id);
          return { id, filename, bytes, attributes: attributes ?? {} };
        }),
    );
    return findPassages(files, query, threshold).slice(0, limit);
  }

  /** The id of a file of the stores, by its name. */
  fileOf(stores: StandInStore[], name: string): string | undefined {
    const ids = new Set(stores.flatMap(({ files }) => files.map(({ file_id }) => file_id)));
    return this.uploads.find(({ id, filename }) => ids.has(id) && filename === name)?.id;
  }

  async answerFiles(asked: StandInRequest, response: ServerResponse): Promise<void> {
    const [, , id] = asked.path.split('/');
    if (id === undefined) {
      const form = await readForm(asked);
      const file = form.get('file');
      if (!(file instanceof File)) throw new Refusal(400, "Missing required parameter: 'file'.");
      const bytes = new Uint8Array(await file.arrayBuffer());
      if (bytes.length === 0) throw new Refusal(400, 'File is empty.');
      const upload = {
        id: `file-oai${++this.#files}`,
        filename: file.name,
        purpose: String(form.get('purpose')),
        bytes,
      };
      this.uploads.push(upload);
      return sendJson(response, showUpload(upload));
    }
    const upload = this.#upload(id);
    if (asked.method !== 'DELETE') return sendJson(response, showUpload(upload));
    this.uploads.splice(this.uploads.indexOf(upload), 1);
    for (const store of this.stores) store.files = store.files.filter(({ file_id }) => file_id !== id);
    sendJson(response, { id, object: 'file', deleted: true });
  }

  answerStores(asked: StandInRequest, response: ServerResponse): void {
    const { method } = asked;
    const [, , id, part, fileId] = asked.path.split('/');
    const body = asked.body as Record<string, unknown>;
    if (id === undefined) {
      const store: StandInStore = {
        id: `vs_${this.stores.length + 1}`,
        name: String(body['name'] ?? ''),
        settings: body,
        isExpired: false,
        isDeleted: false,
        lag: 0,
        files: [],
      };
      this.stores.push(store);
      return sendJson(response, showStore(store));
    }
    const store = this.alive(id);
    if (part === undefined) {
      if (method !== 'DELETE') {
        for (const file of store.files) file.waits = Math.max(0, file.waits - 1);
        const shown = store.lag > 0 ? { ...store, files: [] } : store;
        store.lag = Math.max(0, store.lag - 1);
        return sendJson(response, showStore(shown), { 'openai-poll-after-ms': '1' });
      }
      store.isDeleted = true;
      return sendJson(response, { id, object: 'vector_store.deleted', deleted: true });
    }
    if (store.isExpired) throw new Refusal(400, `Vector store ${id} is expired.`);
    if (part === 'file_batches' && fileId === undefined) {
      this.#add(store, body['files'] as FileSettings[]);
      const counts = countsOf(store);
      const batch = { id: 'vsfb_1', object: 'vector_store.file_batch', status: 'in_progress' };
      return sendJson(response, { ...batch, created_at: 1, vector_store_id: id, file_counts: counts });
    }
    if (fileId === undefined) {
      this.#add(store, [body as unknown as FileSettings]);
      return sendJson(response, showStoreFile(store, store.files.at(-1)!));
    }
    const file = store.files.find(({ file_id }) => file_id === fileId);
    if (!file) throw new Refusal(404, `No file found with id '${fileId}' in vector store '${id}'.`);
    if (method === 'DELETE') {
      store.files.splice(store.files.indexOf(file), 1);
      return sendJson(response, { id: fileId, object: 'vector_store.file.deleted', deleted: true });
    }
    if (method === 'POST') file.attributes = body['attributes'] as StandInStoreFile['attributes'];
    sendJson(response, showStoreFile(store, file));
  }

  /** All of them or none. */
  #add(store: StandInStore, files: FileSettings[]): void {
    for (const { file_id } of files) {
      if (!this.refused.has(this.#upload(file_id).filename)) continue;
      throw new Refusal(400, 'A file has a format that is not supported for retrieval.');
    }
    store.lag = this.lag;
    for (const { file_id, attributes = null, chunking_strategy } of files) {
      const status = this.unreadable.has(this.#upload(file_id).filename) ? 'failed' : 'completed';
      store.files = store.files.filter((known) => known.file_id !== file_id);
      store.files.push({ file_id, attributes, chunking_strategy, waits: this.waits, status });
    }
  }

  #upload(id: string): StandInUpload {
    const upload = this.uploads.find((one) => one.id === id);
    if (!upload) throw new Refusal(404, `No such File object: ${id}`);
    return upload;
  }
}

function showUpload({ id, filename, purpose, bytes }: StandInUpload): object {
  return { id, object: 'file', bytes: bytes.length, created_at: 1, filename, purpose, status: 'processed' };
}

function countsOf({ files }: StandInStore): Record<string, number> {
  const count = (status: string) => files.filter((file) => statusOf(file) === status).length;
  const [in_progress, completed, failed] = ['in_progress', 'completed', 'failed'].map(count);
  return {
    in_progress: in_progress!,
    completed: completed!,
    failed: failed!,
    cancelled: 0,
    total: files.length,
  };
}

function statusOf({ waits, status }: StandInStoreFile): string {
  return waits > 0 ? 'in_progress' : status;
}

function showStore(store: StandInStore): object {
  const file_counts = countsOf(store);
  return {
    id: store.id,
    object: 'vector_store',
    created_at: 1,
    name: store.name,
    usage_bytes: 0,
    file_counts,
    status: store.isExpired ? 'expired' : file_counts['in_progress'] === 0 ? 'completed' : 'in_progress',
    expires_after: store.settings['expires_after'],
    last_active_at: 1,
    metadata: {},
  };
}

function showStoreFile(store: StandInStore, file: StandInStoreFile): object {
  return {
    id: file.file_id,
    object: 'vector_store.file',
    created_at: 1,
    usage_bytes: 0,
    vector_store_id: store.id,
    status: statusOf(file),
    last_error: null,
    attributes: file.attributes,
    chunking_strategy: file.chunking_strategy,
  };
}
