import type { Database } from '../storage/records.ts';
import type { LoggedEvent, RunTail } from './event-log.ts';
import { isStopEvent } from './run-machine.ts';

/** Events a reader may have waiting in memory; one that falls further behind goes on from storage. */
const readerQueueLimit = 1024;
/** Events read from storage at a time. */
const replayPage = 512;

/** One reader's place in a run. Pull-based: what it does not ask for costs bounded memory, and stops nobody. */
export class EventReader {
  readonly #database: Database;
  readonly #tail: RunTail;
  readonly #toTheEnd: boolean;
  readonly #release: () => void;
  #position: number;
  #queue: LoggedEvent[] = [];
  /** Reading from storage: at the beginning, and after falling behind. */
  #behind = true;
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(database: Database, tail: RunTail, position: number, toTheEnd: boolean, release: () => void) {
    this.#database = database;
    this.#tail = tail;
    this.#position = position;
    this.#toTheEnd = toTheEnd;
    this.#release = release;
  }

  /** The next events, as many as there are; undefined when the stream is over. Throws when it cannot go on. */
  async next(): Promise<LoggedEvent[] | undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure;
      if (this.#ended) return undefined;
      if (this.#behind) {
        if (this.#position < this.#tail.last) return this.#deliver(await this.#replay());
        this.#behind = false;
        if (this.#isOver(this.#tail.lastEvent)) return this.#end();
      }
      if (this.#queue.length > 0) {
        const events = this.#queue;
        this.#queue = [];
        return this.#deliver(events);
      }
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  /** Takes events that were just stored. */
  offer(events: LoggedEvent[]): void {
    if (this.#behind || this.#ended) return;
    if (this.#queue.length + events.length > readerQueueLimit) return this.fallBehind();
    for (const event of events) this.#queue.push(event);
    this.#wake?.();
  }

  /** Goes on from storage: what is there is more than what waits here. */
  fallBehind(): void {
    if (this.#ended) return;
    this.#queue = [];
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
      this.#queue = [];
      this.#tail.readers.delete(this);
      this.#release();
    }
    return undefined;
  }

  #deliver(events: LoggedEvent[]): LoggedEvent[] {
    // A strict reader ends at the first stop; one that replays the past ends where nothing follows.
    const stop = this.#toTheEnd ? -1 : events.findIndex(({ event }) => isStopEvent(event));
    const delivered = stop === -1 ? events : events.slice(0, stop + 1);
    const last = delivered.at(-1);
    if (last) this.#position = last.sequence;
    if (stop !== -1 || (last && this.#isOver(last.event))) this.#end();
    return delivered;
  }

  #isOver(lastEvent: string): boolean {
    return this.#position >= this.#tail.last && isStopEvent(lastEvent);
  }

  #replay(): Promise<LoggedEvent[]> {
    return this.#database
      .selectFrom('events')
      .select(['sequence', 'event', 'data'])
      .where('run', '=', this.#tail.run ?? -1)
      .where('sequence', '>', this.#position)
      .orderBy('sequence')
      .limit(replayPage)
      .execute();
  }
}
