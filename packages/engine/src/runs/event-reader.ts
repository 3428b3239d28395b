import type { EventBatch } from '../storage/event-frames.ts';
import { listEvents } from '../storage/events.ts';
import type { Database } from '../storage/records.ts';
import type { RunTail } from './run-tail.ts';

/** Bytes that a reader may have waiting in memory; one that falls further behind goes on from storage. */
const readerQueueLimit = 256 * 1024;

/** One reader's place in a run. Pull-based: what it does not ask for costs bounded memory, and stops nobody. */
export class EventReader {
  readonly #database: Database;
  readonly #tail: RunTail;
  readonly #toTheEnd: boolean;
  readonly #release: () => void;
  #position: number;
  #queue: EventBatch[] = [];
  #queued = 0;
  /** Reading from storage: at the beginning, and after falling behind. */
  #behind = true;
  #ended = false;
  #failure: Error | undefined;
  #isNudged = false;
  #wake: (() => void) | undefined;

  constructor(database: Database, tail: RunTail, position: number, toTheEnd: boolean, release: () => void) {
    this.#database = database;
    this.#tail = tail;
    this.#position = position;
    this.#toTheEnd = toTheEnd;
    this.#release = release;
  }

  /**
   * The next events, as many as there are; none after a `nudge`; undefined when the stream is over. Throws when it cannot
   * go on.
   */
  async next(): Promise<EventBatch[] | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#ended) return undefined;
      if (this.#behind) {
        if (this.#position < this.#tail.last) {
          const batches = await this.#replay();
          // What was there is there no more: the run has been deleted.
          return batches.length === 0 ? this.#end() : this.#deliver(batches);
        }
        this.#behind = false;
        if (this.#isOver()) return this.#end();
      }
      if (this.#queue.length > 0) {
        const batches = this.#queue;
        this.#clear();
        return this.#deliver(batches);
      }
      if (this.#isNudged) {
        this.#isNudged = false;
        return [];
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** A `next` that waits answers with nothing. */
  nudge(): void {
    this.#isNudged = this.#wake !== undefined;
    this.#wake?.();
  }

  /** Takes events that were just stored. */
  offer(batches: EventBatch[]): void {
    if (this.#behind || this.#ended) return;
    for (const batch of batches) {
      this.#queue.push(batch);
      this.#queued += batch.frames.byteLength;
    }
    if (this.#queued > readerQueueLimit) return this.fallBehind();
    this.#wake?.();
  }

  /** Goes on from storage: what is there is more than what waits here. */
  fallBehind(): void {
    if (this.#ended) return;
    this.#clear();
    this.#behind = true;
    this.#wake?.();
  }

  /** Leaves. A pending `next` answers undefined, or throws the failure. */
  close(failure?: Error): void {
    if (!this.#ended) this.#failure = failure;
    this.#end();
    this.#wake?.();
  }

  #end(): undefined {
    if (!this.#ended) {
      this.#ended = true;
      this.#clear();
      this.#tail.readers.delete(this);
      this.#release();
    }
    return undefined;
  }

  #clear(): void {
    this.#queue = [];
    this.#queued = 0;
  }

  #deliver(batches: EventBatch[]): EventBatch[] {
    // A strict reader ends at the first stop; one that replays the past ends where nothing follows.
    const stop = this.#toTheEnd ? -1 : batches.findIndex(({ isStop }) => isStop);
    const delivered = stop === -1 ? batches : batches.slice(0, stop + 1);
    const last = delivered.at(-1);
    if (last) this.#position = last.last;
    if (stop !== -1 || this.#isOver()) this.#end();
    return delivered;
  }

  #isOver(): boolean {
    return this.#position >= this.#tail.last && this.#tail.isStopped;
  }

  #replay(): Promise<EventBatch[]> {
    return listEvents(this.#database, this.#tail.run ?? -1, this.#position);
  }
}
