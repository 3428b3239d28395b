import { setImmediate as turn } from 'node:timers/promises';
import { abortable } from '../runs/abortable.ts';
import type { EngineLog } from '../log.ts';
import type { BlobStore } from '../storage/port.ts';
import type { Database } from '../storage/records.ts';
import { findStoreFile, saveStoreFile } from '../storage/vector-stores.ts';
import type { VectorStoreFile } from '../vector-store-wire.ts';
import { nowSeconds, type FileObject } from '../wire.ts';
import { chunkText, type Chunk } from './chunk.ts';
import type { Embedder } from './embed.ts';
import { DocumentReader } from './document-reader.ts';
import { ExtractionError } from './extract.ts';
import { insertChunks, removeChunks } from './index.ts';

/** Files that are indexed at a time: a long one must not keep a short one waiting. */
const lanes = 2;
/** Chunks stored, or embedded, at a time; others get their turn in between. */
const chunksPerTurn = 16;
/** How often an engine looks for files that others have left, in milliseconds. */
const lookAround = 5_000;
/** How often it lets go of what was indexed for stores that have expired. */
const cleanUp = 3_600_000;

interface IndexerOptions {
  database: Database;
  blobs: BlobStore;
  /** Who indexes: noted with each file, so that others can tell files whose indexer has died. */
  owner: string;
  /** The engines that live. */
  livingOwners: () => Promise<Set<string>>;
  embedder: Embedder | undefined;
  log: EngineLog;
}

/** Where a file lies that is being indexed. */
interface Job {
  sequence: number;
  storeId: string;
  fileId: string;
}

/** A file was taken out, or given up, while it was being indexed. */
class GivenUp extends Error {}

/**
 * Indexes the files of vector stores, in the background. What is to be done stands in the database: a file that is
 * `in_progress` and has no living owner is taken up by whoever looks first, from its beginning.
 */
export class Indexer {
  readonly #options: IndexerOptions;
  readonly #reader = new DocumentReader();
  readonly #ending = new AbortController();
  readonly #lanes = new Set<Promise<void>>();
  readonly #waiting = new Set<() => void>();
  /** Rows that are being worked on here. */
  readonly #active = new Set<number>();
  #timers: NodeJS.Timeout[] = [];
  #waking: NodeJS.Immediate | undefined;
  #sweeping: Promise<void> | undefined;
  #isDirty = false;

  constructor(options: IndexerOptions) {
    this.#options = options;
  }

  /** Takes up what was left, and lets go what expired while nobody looked. */
  async start(): Promise<void> {
    await this.#emptyExpired();
    this.wake();
    this.#timers = [
      setInterval(() => this.wake(), lookAround).unref(),
      setInterval(() => {
        this.#emptyExpired().catch((error: unknown) => this.#report(error));
      }, cleanUp).unref(),
    ];
  }

  /** There may be files to index, or some to forget. Said often in one moment it is heard once: looking costs two queries. */
  wake(): void {
    if (this.#ending.signal.aborted) return;
    this.#waking ??= setImmediate(() => {
      this.#waking = undefined;
      this.#look();
    });
  }

  #look(): void {
    this.#sweeping ??= this.#forgetDropped()
      .catch((error: unknown) => this.#report(error))
      .finally(() => (this.#sweeping = undefined));
    this.#isDirty = true;
    if (this.#lanes.size >= lanes) return;
    const lane = this.#work().catch((error: unknown) => {
      // Storage fails: the next look tries again, not this very moment.
      this.#isDirty = false;
      this.#report(error);
    });
    this.#lanes.add(lane);
    void lane.finally(() => {
      this.#lanes.delete(lane);
      // Woken on its way out.
      if (this.#isDirty && !this.#ending.signal.aborted) this.#look();
    });
  }

  /** Resolves when every file of the store has been looked at: true; or false when the time is over before. */
  async settled(storeId: string, options: { timeout: number; signal: AbortSignal }): Promise<boolean> {
    const { signal } = options;
    const until = performance.now() + options.timeout;
    while (await this.#hasOpenFiles(storeId)) {
      signal.throwIfAborted();
      const left = until - performance.now();
      if (left <= 0) return false;
      this.wake();
      await this.#next(Math.min(left, 1_000), signal);
    }
    return true;
  }

  /** Stops; files that are not done are left to the next engine. */
  async close(): Promise<void> {
    this.#ending.abort(new GivenUp());
    for (const timer of this.#timers) clearInterval(timer);
    clearImmediate(this.#waking);
    await Promise.all([...this.#lanes, this.#sweeping]);
    await this.#reader.close();
    await this.#options.database
      .updateTable('vector_store_files')
      .set({ owner: null })
      .where('status', '=', 'in_progress')
      .where('owner', '=', this.#options.owner)
      .execute();
  }

  /** The next file that is done, or the end of the wait; another engine may be the one that does it. */
  async #next(wait: number, signal: AbortSignal): Promise<void> {
    let wake = () => {};
    let timer: NodeJS.Timeout | undefined;
    try {
      const done = new Promise<void>((resolve) => {
        wake = resolve;
        this.#waiting.add(wake);
        timer = setTimeout(resolve, wait);
      });
      await abortable(done, signal);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(wake);
    }
  }

  async #hasOpenFiles(storeId: string): Promise<boolean> {
    const open = await this.#options.database
      .selectFrom('vector_store_files')
      .select('sequence')
      .where('vector_store_id', '=', storeId)
      .where('status', '=', 'in_progress')
      .limit(1)
      .executeTakeFirst();
    return open !== undefined;
  }

  async #work(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      // Whatever comes from here on is found by the claim, or sets it again.
      this.#isDirty = false;
      const job = await this.#claim();
      if (job) {
        // There may be work for another lane too.
        this.wake();
        await this.#index(job).finally(() => this.#active.delete(job.sequence));
        for (const wake of this.#waiting) wake();
      } else if (!this.#isDirty) {
        return;
      }
    }
  }

  /** Takes a file for this engine, oldest first. */
  async #claim(): Promise<Job | undefined> {
    const { database, owner } = this.#options;
    const isOpen = await database
      .selectFrom('vector_store_files')
      .select('sequence')
      .where('status', '=', 'in_progress')
      .where('sequence', 'not in', [...this.#active, 0])
      .limit(1)
      .executeTakeFirst();
    if (!isOpen) return undefined;
    // One of our own that is not being worked on was dropped when storage failed.
    const others = [...(await this.#options.livingOwners())].filter((id) => id !== owner);
    return database.transaction().execute(async (transaction) => {
      const row = await transaction
        .selectFrom('vector_store_files')
        .select(['sequence', 'vector_store_id', 'file_id'])
        .where('status', '=', 'in_progress')
        .where('sequence', 'not in', [...this.#active, 0])
        .where((where) => where.or([where('owner', 'is', null), where('owner', 'not in', [...others, ''])]))
        .orderBy('sequence')
        .limit(1)
        .executeTakeFirst();
      if (!row) return undefined;
      await transaction
        .updateTable('vector_store_files')
        .set({ owner })
        .where('sequence', '=', row.sequence)
        .execute();
      this.#active.add(row.sequence);
      return { sequence: row.sequence, storeId: row.vector_store_id, fileId: row.file_id };
    });
  }

  async #index(job: Job): Promise<void> {
    const { database, embedder, log } = this.#options;
    const { signal } = this.#ending;
    try {
      // An indexer that died may have left a part.
      await removeChunks(database, job.sequence, signal);
      const stored = await findStoreFile(database, job.storeId, job.fileId);
      if (!stored) return;
      const text = await this.#read(job, signal);
      const { max_chunk_size_tokens: max, chunk_overlap_tokens: overlap } =
        stored.file.chunking_strategy.static;
      let bytes = 0;
      let batch: Chunk[] = [];
      for (const chunk of chunkText(text, { max, overlap })) {
        batch.push(chunk);
        if (batch.length < chunksPerTurn) continue;
        bytes += await this.#store(job, batch, signal);
        batch = [];
        await turn();
      }
      bytes += await this.#store(job, batch, signal);
      const isStored = await this.#end(
        job,
        (file) => ({ ...file, status: 'completed', usage_bytes: bytes }),
        embedder?.id,
      );
      if (!isStored) throw new GivenUp();
    } catch (error) {
      if (signal.aborted) return;
      const owner = await this.#ownerOf(job);
      // Another engine has taken us for dead and does it now: what is stored is its own.
      if (owner !== undefined && owner !== this.#options.owner) return;
      await removeChunks(database, job.sequence, signal);
      if (error instanceof GivenUp) return;
      const isOurs = error instanceof ExtractionError;
      if (!isOurs) log('error', `File ${job.fileId} could not be indexed.`, { cause: String(error) });
      await this.#end(job, (file) => ({
        ...file,
        status: 'failed',
        last_error: isOurs
          ? { code: error.code, message: error.message }
          : { code: 'server_error', message: 'The file could not be indexed.' },
      }));
    }
  }

  async #read(job: Job, signal: AbortSignal): Promise<string> {
    const { database, blobs } = this.#options;
    const row = await database
      .selectFrom('files')
      .select('body')
      .where('id', '=', job.fileId)
      .executeTakeFirst();
    if (!row) throw new GivenUp();
    const { filename } = JSON.parse(row.body) as FileObject;
    return this.#reader.read(await blobs.read(job.fileId), filename, { signal });
  }

  /** Stores chunks, unless the file has been given up. Answers the bytes they take. */
  async #store(job: Job, chunks: Chunk[], signal: AbortSignal): Promise<number> {
    if (chunks.length === 0) return 0;
    const { database, embedder } = this.#options;
    const embeddings = await embedder?.embed(
      chunks.map(({ text }) => text),
      signal,
    );
    signal.throwIfAborted();
    await database.transaction().execute(async (transaction) => {
      if (!(await this.#isOurs(transaction, job))) throw new GivenUp();
      const rows = chunks.map((chunk, index) => ({ ...chunk, embedding: embeddings?.[index] ?? null }));
      await insertChunks(transaction, job, rows);
    });
    return chunks.reduce(
      (bytes, { text }, index) => bytes + Buffer.byteLength(text) + (embeddings?.[index]?.byteLength ?? 0),
      0,
    );
  }

  /** Stores how the file ended, unless it has been given up: answers whether it was not. */
  async #end(
    job: Job,
    change: (file: VectorStoreFile) => VectorStoreFile,
    embeddingModel: string | null = null,
  ): Promise<boolean> {
    return this.#options.database.transaction().execute(async (transaction) => {
      if (!(await this.#isOurs(transaction, job))) return false;
      // Its attributes may have been changed meanwhile.
      const stored = await findStoreFile(transaction, job.storeId, job.fileId);
      await saveStoreFile(transaction, change(stored!.file), { embeddingModel });
      return true;
    });
  }

  /** Who indexes the file; undefined when it has been taken out. */
  async #ownerOf(job: Job): Promise<string | null | undefined> {
    const row = await this.#options.database
      .selectFrom('vector_store_files')
      .select('owner')
      .where('sequence', '=', job.sequence)
      .executeTakeFirst();
    return row?.owner;
  }

  async #isOurs(database: Database, job: Job): Promise<boolean> {
    const row = await database
      .selectFrom('vector_store_files')
      .select(['status', 'owner'])
      .where('sequence', '=', job.sequence)
      .executeTakeFirst();
    return row?.status === 'in_progress' && row.owner === this.#options.owner;
  }

  /** A store whose time is over is never searched again: what was indexed for it only takes up room. */
  async #emptyExpired(): Promise<void> {
    const { database } = this.#options;
    await database
      .insertInto('dropped_files')
      .columns(['file'])
      .expression(
        database
          .selectFrom('vector_store_files')
          .innerJoin('vector_stores', 'vector_stores.id', 'vector_store_files.vector_store_id')
          .select('vector_store_files.sequence')
          .where('vector_stores.expires_at', '<=', nowSeconds()),
      )
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  async #forgetDropped(): Promise<void> {
    const { database } = this.#options;
    for (;;) {
      const dropped = await database.selectFrom('dropped_files').select('file').limit(1).executeTakeFirst();
      if (!dropped || this.#ending.signal.aborted) return;
      await removeChunks(database, dropped.file, this.#ending.signal);
      await database.deleteFrom('dropped_files').where('file', '=', dropped.file).execute();
    }
  }

  #report(error: unknown): void {
    if (this.#ending.signal.aborted) return;
    this.#options.log('error', 'Indexing files failed.', { cause: String(error) });
  }
}
