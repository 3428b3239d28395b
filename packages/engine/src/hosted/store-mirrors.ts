import { abortable } from '../runs/abortable.ts';
import { pause } from '../runs/model-retry.ts';
import { RunFailure } from '../runs/run-failure.ts';
import {
  compareMirror,
  countMirroredFiles,
  deleteMirroredFile,
  dropMirror,
  dropSentFile,
  findMirror,
  findSentFiles,
  hasFiles,
  insertMirror,
  insertMirroredFiles,
  insertSentFile,
  type MissingFile,
} from '../storage/mirrors.ts';
import { findObject } from '../storage/records.ts';
import { findVectorStore, isExpired } from '../storage/vector-stores.ts';
import type { Attributes } from '../vector-store-wire.ts';
import type { HostedOptions } from './hosted.ts';
import { isMissing, isRefused, isStoreGone, toHostedFailure } from './hosted-errors.ts';
import { inLanes } from './lanes.ts';
import { MirrorCleaner, type MirrorContext } from './mirror-cleaner.ts';

/** Days after which a mirror that nobody uses goes by itself: it costs while it is there. */
const expiryDays = 7;
/** Files sent at a time; each is held in memory meanwhile. */
const uploadLanes = 4;
/** Files put into a mirror with one request, and forgotten by a crash in between. */
const batchSize = 100;
const longestWait = 60_000;
const pollEvery = 1_000;

/** The copy at OpenAI is there no more, or is not what it is known to be. */
class MirrorLost extends Error {
  readonly id: string;

  constructor(id: string, cause?: unknown) {
    super(`Vector store ${id} is lost.`, { cause });
    this.id = id;
  }
}

/** A file that is about to lie in a mirror. */
interface SentFile extends MissingFile {
  sentId: string;
  /** It was sent at some time before, and may be there no more. */
  isOld: boolean;
}

/**
 * Copies of our vector stores at OpenAI, made at first need. What was sent is kept in storage; before each use a copy is
 * made to hold what its store holds. A copy that OpenAI has no more is made anew.
 */
export class StoreMirrors {
  readonly #options: HostedOptions;
  readonly #context: MirrorContext;
  readonly #cleaner: MirrorCleaner;
  /** Whoever works on a store's mirror, here. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(options: HostedOptions, context: MirrorContext) {
    this.#options = options;
    this.#context = context;
    this.#cleaner = new MirrorCleaner(options.openai, context);
  }

  /** Begins to delete at OpenAI what is of no use any more, now and every hour. */
  start(): void {
    this.#cleaner.start();
  }

  /** There may be something to delete at OpenAI. */
  wake(): void {
    this.#cleaner.wake();
  }

  async close(): Promise<void> {
    await this.#cleaner.close();
  }

  /**
   * The ids of the stores' mirrors, with all files ready to be searched; stores without files have none. `isFirst` asks
   * OpenAI whether they are still there.
   */
  async open(storeIds: string[], options: { isFirst: boolean; signal: AbortSignal }): Promise<string[]> {
    const ids: string[] = [];
    for (const storeId of new Set(storeIds)) {
      const store = await findVectorStore(this.#context.database, storeId);
      if (!store || isExpired(store)) continue;
      const id = await this.#ready(storeId, options);
      if (id !== undefined) ids.push(id);
    }
    return ids;
  }

  /** The mirrors are there no more. */
  async forget(ids: string[]): Promise<void> {
    for (const id of ids) await dropMirror(this.#context.database, id);
    this.wake();
  }

  /** Our own ids and names of files, by OpenAI's ids. */
  ownFiles(sentIds: string[]): Promise<Map<string, { fileId: string; filename: string }>> {
    return findSentFiles(this.#context.database, sentIds);
  }

  /** One at a time works on a mirror of this process; whoever waits is sent away by the signal. */
  async #alone<T>(storeId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#busy.get(storeId) ?? Promise.resolve();
    const done = Promise.withResolvers<void>();
    const mine = before.then(() => done.promise);
    this.#busy.set(storeId, mine);
    try {
      await abortable(before, signal);
      return await work();
    } finally {
      done.resolve();
      if (this.#busy.get(storeId) === mine) this.#busy.delete(storeId);
    }
  }

  async #ready(
    storeId: string,
    { isFirst, signal }: { isFirst: boolean; signal: AbortSignal },
  ): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        const filled = await this.#alone(storeId, signal, () => this.#fill(storeId, isFirst, signal));
        if (filled && !filled.isSettled) await this.#settle(filled.id, signal);
        return filled?.id;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof MirrorLost)) {
          throw toHostedFailure(error, 'The hosted file search could not be prepared', 'vector stores');
        }
        if (attempt === 2) throw lostFailure(error);
        await this.forget([error.id]);
      }
    }
  }

  /** Makes the mirror hold what the store holds; `isSettled` when all of that can be searched already. */
  async #fill(
    storeId: string,
    isFirst: boolean,
    signal: AbortSignal,
  ): Promise<{ id: string; isSettled: boolean } | undefined> {
    const { database } = this.#context;
    const known = await findMirror(database, storeId);
    if (known === undefined && !(await hasFiles(database, storeId))) return undefined;
    const id = known ?? (await this.#create(storeId, signal));
    try {
      const isReady = known === undefined || !isFirst || (await this.#check(id, signal));
      const isChanged = await this.#update(storeId, id, signal);
      if ((await countMirroredFiles(database, id)) === 0) return undefined;
      return { id, isSettled: isReady && !isChanged };
    } catch (error) {
      throw asLost(id, error);
    }
  }

  /** Takes out what the store has no more and puts in what is missing: answers whether there was any. */
  async #update(storeId: string, mirrorId: string, signal: AbortSignal): Promise<boolean> {
    const { database } = this.#context;
    const { missing, stale, changed } = await compareMirror(database, storeId, mirrorId);
    const { files } = this.#options.openai.vectorStores;
    for (const { row, sentId } of stale) {
      await files.delete(sentId, { vector_store_id: mirrorId }, { signal }).catch((error: unknown) => {
        if (!isMissing(error) || isStoreGone(error)) throw error;
      });
      await deleteMirroredFile(database, row);
    }
    for (const { row, sentId, attributes } of changed) {
      const body = { vector_store_id: mirrorId, attributes: JSON.parse(attributes) as Attributes };
      await files.update(sentId, body, { signal });
      await insertMirroredFiles(database, mirrorId, [{ row, sentId, attributes }]);
    }
    // An empty file can be sent nowhere, and is found nowhere.
    const wanted = missing.filter(({ bytes }) => bytes > 0);
    for (let start = 0; start < wanted.length; start += batchSize) {
      const sent: SentFile[] = [];
      await inLanes(wanted.slice(start, start + batchSize), uploadLanes, signal, async (file, until) => {
        const sentId = file.sentId ?? (await this.#send(file, until));
        if (sentId !== undefined) sent.push({ ...file, sentId, isOld: file.sentId !== null });
      });
      if (sent.length > 0) await this.#attach(mirrorId, sent, signal);
    }
    return wanted.length > 0;
  }

  async #create(storeId: string, signal: AbortSignal): Promise<string> {
    const { id } = await this.#options.openai.vectorStores.create(
      { name: storeId, expires_after: { anchor: 'last_active_at', days: expiryDays } },
      { signal },
    );
    return this.#kept(id, await insertMirror(this.#context.database, storeId, id));
  }

  /** Of what two have made at a time one is kept, and the other is to be deleted. */
  #kept(made: string, kept: string): string {
    if (kept !== made) this.wake();
    return kept;
  }

  /** Whether every file can be searched; rejects when the mirror is not what it should be. */
  async #check(mirrorId: string, signal: AbortSignal): Promise<boolean> {
    const mirror = await this.#options.openai.vectorStores.retrieve(mirrorId, { signal });
    const { total, in_progress: open } = mirror.file_counts;
    if (mirror.status === 'expired') throw new MirrorLost(mirrorId);
    // Somebody has deleted files there.
    if (total < (await countMirroredFiles(this.#context.database, mirrorId))) throw new MirrorLost(mirrorId);
    return open === 0;
  }

  /** Sends a file; undefined when it has been deleted meanwhile. */
  async #send(file: MissingFile, signal: AbortSignal): Promise<string | undefined> {
    const { database, blobs } = this.#context;
    let bytes: Uint8Array;
    try {
      bytes = await blobs.read(file.fileId);
    } catch (error) {
      if (!(await findObject(database, 'files', file.fileId))) return undefined;
      throw error;
    }
    try {
      const { id } = await this.#options.openai.files.create(
        {
          file: new File([bytes as Uint8Array<ArrayBuffer>], nameThere(file.filename)),
          purpose: 'assistants',
        },
        { signal },
      );
      return this.#kept(id, await insertSentFile(database, file.fileId, id));
    } catch (error) {
      signal.throwIfAborted();
      throw isRefused(error) ? refusedFailure(file, error) : error;
    }
  }

  /** Puts files into the mirror. OpenAI does not say which of them it does not want: that is found by halves. */
  async #attach(mirrorId: string, sent: SentFile[], signal: AbortSignal): Promise<void> {
    const [first] = sent;
    const files = sent.map(({ sentId, chunking, attributes }) => ({
      file_id: sentId,
      chunking_strategy: chunking,
      attributes: JSON.parse(attributes) as Attributes,
    }));
    try {
      await this.#options.openai.vectorStores.fileBatches.create(mirrorId, { files }, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isStoreGone(error) || !isRefused(error)) throw error;
      if (sent.length > 1) {
        const half = Math.ceil(sent.length / 2);
        await this.#attach(mirrorId, sent.slice(0, half), signal);
        return this.#attach(mirrorId, sent.slice(half), signal);
      }
      if (!first!.isOld) throw refusedFailure(first!, error);
      await dropSentFile(this.#context.database, first!.sentId);
      this.wake();
      const sentId = await this.#send(first!, signal);
      if (sentId === undefined) return;
      return this.#attach(mirrorId, [{ ...first!, sentId, isOld: false }], signal);
    }
    await insertMirroredFiles(this.#context.database, mirrorId, sent);
  }

  /** Waits until OpenAI has read the files. */
  async #settle(mirrorId: string, signal: AbortSignal): Promise<void> {
    const limit = this.#options.readyWithin ?? longestWait;
    const until = performance.now() + limit;
    const expected = await countMirroredFiles(this.#context.database, mirrorId);
    for (;;) {
      const { data, response } = await this.#options.openai.vectorStores
        .retrieve(mirrorId, { signal })
        .withResponse()
        .catch((error: unknown) => {
          throw asLost(mirrorId, error);
        });
      const { in_progress: open, total, failed } = data.file_counts;
      // Right after files were put in, not even their number is known.
      if (open === 0 && total >= expected) {
        if (failed > 0) {
          this.#context.log('warn', `OpenAI could not read ${failed} files of vector store ${data.name}.`);
        }
        return;
      }
      const left = until - performance.now();
      if (left <= 0) throw slowFailure(limit);
      const asked = Number(response.headers.get('openai-poll-after-ms') ?? pollEvery);
      await pause(Math.min(left, asked >= 0 ? asked : pollEvery), signal);
    }
  }
}

/** What is not found is lost: the mirror, or a file that was in it. */
function asLost(id: string, error: unknown): unknown {
  return isStoreGone(error) || isMissing(error) ? new MirrorLost(id, error) : error;
}

/** What the run fails with whose mirror, made this very moment, is there no more. */
export function lostFailure(cause: unknown): RunFailure {
  const message = 'The vector store of the hosted file search was lost again and again.';
  return new RunFailure('server_error', message, { cause });
}

function slowFailure(limit: number): RunFailure {
  return new RunFailure(
    'server_error',
    `OpenAI has not made the files ready to be searched within ${limit / 1000} seconds. It goes on with them: try again.`,
  );
}

function refusedFailure({ filename }: MissingFile, cause: unknown): RunFailure {
  const message =
    `The file ${JSON.stringify(filename)} was refused by the hosted file search. ` +
    'Take it out of the vector store, or bring it in another format.';
  return new RunFailure('server_error', message, { cause });
}

/** What OpenAI reads by its name. Whatever else the engine could read is text. */
const knownThere = /\.(?:c|cpp|cs|css|docx?|go|html|java|js|json|md|pdf|php|pptx|py|rb|sh|tex|ts|txt)$/i;

function nameThere(filename: string): string {
  return knownThere.test(filename) ? filename : `${filename}.txt`;
}
