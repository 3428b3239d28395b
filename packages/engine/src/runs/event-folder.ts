import { foldEvents } from '../storage/fold-events.ts';
import type { Database } from '../storage/records.ts';

/** How long a run is over before its events are put together, in milliseconds: first those who read along get the rest. */
const foldAfter = 1000;

/** Taken once: a test that stops the clock must not hold back what is stored. */
const startTimer = setTimeout;

/** Puts together the events of runs that are over, a while after their ends. */
export class EventFolder {
  readonly #database: Database;
  readonly #onError: (error: unknown) => void;
  readonly #finished: number[] = [];
  #timer: NodeJS.Timeout | undefined;
  #folding: Promise<void> = Promise.resolve();

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /** The run is over. */
  add(run: number): void {
    this.#finished.push(run);
    this.#timer ??= startTimer(() => {
      this.#timer = undefined;
      this.#folding = this.#fold();
    }, foldAfter).unref();
  }

  /** Puts together at once what is left. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#fold();
  }

  async #fold(): Promise<void> {
    await this.#folding;
    for (let run = this.#finished.shift(); run !== undefined; run = this.#finished.shift()) {
      await foldEvents(this.#database, run).catch(this.#onError);
    }
  }
}
