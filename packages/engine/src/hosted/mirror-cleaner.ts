import type OpenAI from 'openai';
import type { EngineLog } from '../log.ts';
import { dropUnused, forgetUnused, listUnused } from '../storage/mirrors.ts';
import type { BlobStore } from '../storage/port.ts';
import type { Database } from '../storage/records.ts';
import { isMissing, isRefused } from './hosted-errors.ts';

/** What mirrors work with. */
export interface MirrorContext {
  database: Database;
  blobs: BlobStore;
  log: EngineLog;
}

/** How often it looks for what expired, or could not be deleted, in milliseconds. */
const lookAround = 3_600_000;

/** Deletes at OpenAI what is of no use any more: mirrors of stores that are gone, files that lie in no store. */
export class MirrorCleaner {
  readonly #openai: Pick<OpenAI, 'files' | 'vectorStores'>;
  readonly #context: MirrorContext;
  readonly #ending = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #cleaning: Promise<void> | undefined;
  #isDirty = false;

  constructor(openai: Pick<OpenAI, 'files' | 'vectorStores'>, context: MirrorContext) {
    this.#openai = openai;
    this.#context = context;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), lookAround).unref();
    this.wake();
  }

  wake(): void {
    this.#isDirty = true;
    if (this.#ending.signal.aborted) return;
    this.#cleaning ??= this.#work().finally(() => {
      this.#cleaning = undefined;
      // Woken on its way out.
      if (this.#isDirty) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    clearInterval(this.#timer);
    await this.#cleaning;
  }

  async #work(): Promise<void> {
    try {
      while (this.#isDirty) {
        this.#isDirty = false;
        await this.#clean();
      }
    } catch (error) {
      if (!this.#ending.signal.aborted) this.#complain(error);
    }
  }

  /** What could not be deleted stands in storage, and is tried again with the next look. */
  #complain(cause: unknown): void {
    this.#context.log('warn', 'Copies of files at OpenAI could not be deleted.', { cause: String(cause) });
  }

  async #clean(): Promise<void> {
    const { database } = this.#context;
    const { signal } = this.#ending;
    await dropUnused(database);
    const { mirrors, files } = await listUnused(database);
    for (const id of mirrors) {
      if (await this.#isGone(this.#openai.vectorStores.delete(id, { signal }))) {
        await forgetUnused(database, 'store_mirrors', id);
      }
    }
    for (const id of files) {
      if (await this.#isGone(this.#openai.files.delete(id, { signal }))) {
        await forgetUnused(database, 'sent_files', id);
      }
    }
  }

  /** Whether it is there no more; rejects when others would fare no better. */
  async #isGone(deletion: Promise<unknown>): Promise<boolean> {
    try {
      await deletion;
      return true;
    } catch (error) {
      if (isMissing(error)) return true;
      if (!isRefused(error)) throw error;
      this.#complain(error);
      return false;
    }
  }
}
