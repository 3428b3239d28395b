import { abortable } from '../runs/abortable.ts';
import { pause } from '../runs/model-retry.ts';
import { RunFailure } from '../runs/run-failure.ts';
import {
  countMirroredFiles,
  dropMirror,
  findMirror,
  findSentFiles,
  hasFiles,
  insertMirror,
} from '../storage/mirrors.ts';
import { findVectorStore, isExpired } from '../storage/vector-stores.ts';
import type { HostedOptions } from './hosted.ts';
import { isMissing, isStoreGone, toHostedFailure } from './hosted-errors.ts';
import { MirrorCleaner, type MirrorContext } from './mirror-cleaner.ts';
import { MirrorFiller } from './mirror-filler.ts';

/** Days after which a mirror that nobody uses goes by itself: it costs while it is there. */
const expiryDays = 7;
const longestWait = 60_000;
const pollEvery = 1_000;
/** Milliseconds after which files that OpenAI does not even count are gone. */
const countedWithin = 5_000;

/** The copy at OpenAI is there no more, or is not what it is known to be. */
class MirrorLost extends Error {
  readonly id: string;

  constructor(id: string, cause?: unknown) {
    super(`Vector store ${id} is lost.`, { cause });
    this.id = id;
  }
}

/**
 * Copies of our vector stores at OpenAI, made at first need. What was sent is kept in storage; before each use a copy is
 * made to hold what its store holds. A copy that OpenAI has no more is made anew.
 */
export class StoreMirrors {
  readonly #options: HostedOptions;
  readonly #context: MirrorContext;
  readonly #cleaner: MirrorCleaner;
  readonly #filler: MirrorFiller;
  /** Whoever works on a store's mirror, here. */
  readonly #busy = new Map<string, Promise<void>>();

  constructor(options: HostedOptions, context: MirrorContext) {
    this.#options = options;
    this.#context = context;
    this.#cleaner = new MirrorCleaner(options.openai, context);
    this.#filler = new MirrorFiller(options.openai, context, () => this.wake());
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
      const isChanged = await this.#filler.update(storeId, id, signal);
      if ((await countMirroredFiles(database, id)) === 0) return undefined;
      return { id, isSettled: isReady && !isChanged };
    } catch (error) {
      throw asLost(id, error);
    }
  }

  async #create(storeId: string, signal: AbortSignal): Promise<string> {
    const { id } = await this.#options.openai.vectorStores.create(
      { name: storeId, expires_after: { anchor: 'last_active_at', days: expiryDays } },
      { signal },
    );
    const kept = await insertMirror(this.#context.database, storeId, id);
    if (kept !== id) this.wake();
    return kept;
  }

  /** Whether every file can be searched; rejects when the mirror has expired. */
  async #check(mirrorId: string, signal: AbortSignal): Promise<boolean> {
    const mirror = await this.#options.openai.vectorStores.retrieve(mirrorId, { signal });
    if (mirror.status === 'expired') throw new MirrorLost(mirrorId);
    const { total, in_progress: open } = mirror.file_counts;
    return open === 0 && total >= (await countMirroredFiles(this.#context.database, mirrorId));
  }

  /** Waits until OpenAI has read the files. */
  async #settle(mirrorId: string, signal: AbortSignal): Promise<void> {
    const limit = this.#options.readyWithin ?? longestWait;
    const begin = performance.now();
    const expected = await countMirroredFiles(this.#context.database, mirrorId);
    for (;;) {
      const { data, response } = await this.#options.openai.vectorStores
        .retrieve(mirrorId, { signal })
        .withResponse()
        .catch((error: unknown) => {
          throw asLost(mirrorId, error);
        });
      const { in_progress: open, total, failed } = data.file_counts;
      if (open === 0 && total >= expected) {
        if (failed > 0) {
          this.#context.log('warn', `OpenAI could not read ${failed} files of vector store ${data.name}.`);
        }
        return;
      }
      const waited = performance.now() - begin;
      // Right after files were put in, not even their number is known. Later it means that somebody has deleted some.
      if (open === 0 && waited >= Math.min(countedWithin, limit)) throw new MirrorLost(mirrorId);
      if (waited >= limit) throw slowFailure(limit);
      const asked = Number(response.headers.get('openai-poll-after-ms') ?? pollEvery);
      await pause(Math.min(limit - waited, asked >= 0 ? asked : pollEvery), signal);
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
