import { isStopEvent } from './run-machine.js';
/** Events a reader may have waiting in memory; one that falls further behind goes on from storage. */
const readerQueueLimit = 1024;
/** Events read from storage at a time. */
const replayPage = 512;
/** Events in a statement: four parameters each, and SQLite takes 32,766. */
const insertPage = 4096;
/**
 * The events of every run: stored first, then handed to whoever reads along. Deltas of one turn of the event loop are
 * stored by one statement, for all runs together; a change of state is stored in one transaction with its event.
 */
export class EventLog {
  #database;
  #tails = new Map();
  #dirty = new Set();
  #scheduled;
  /** Writes follow one another: numbers are given in the order of storing. */
  #writing = Promise.resolve();
  #onError;
  constructor(database, onError) {
    this.#database = database;
    this.#onError = onError;
  }
  /**
   * Runs `work` in a transaction and stores the events it emits, after all deltas pushed before. Readers see the events
   * only once the transaction stands; when `work` throws, nothing has happened.
   */
  commit(runId, work) {
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      const dirty = this.#takeDirty();
      try {
        const events = [];
        const result = await this.#database.transaction().execute(async (transaction) => {
          for (const [other, deltas] of dirty) await insert(transaction, other.runId, deltas);
          let sequence = dirty.get(tail)?.at(-1)?.sequence ?? tail.last;
          const answer = await work(transaction, (event, data) => {
            events.push({ sequence: ++sequence, event, data: JSON.stringify(data) });
          });
          await insert(transaction, runId, events);
          return answer;
        });
        for (const [other, deltas] of dirty) publish(other, deltas);
        publish(tail, events);
        return result;
      } catch (error) {
        this.#putBack(dirty);
        if (dirty.size > 0) this.#schedule();
        throw error;
      } finally {
        this.#release(tail);
      }
    });
  }
  /** Adds a delta; it is stored and sent with all others of this turn of the event loop. */
  push(runId, event, data) {
    const tail = this.#tails.get(runId);
    if (!tail) throw new Error(`The log of ${runId} is not held open.`);
    tail.pending.push({ event, data: JSON.stringify(data) });
    this.#dirty.add(tail);
    this.#schedule();
  }
  /** Keeps the run's place in memory until released: whoever pushes deltas must hold it. */
  async hold(runId) {
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      tail.holds += 1;
      return () => {
        tail.holds -= 1;
        this.#release(tail);
      };
    });
  }
  /** Resolves when all that was pushed is stored. */
  flushed() {
    return this.#exclusively(() => this.#flush());
  }
  /**
   * Reads a run's events after `position` (-1 for all), then follows it until it is over or waits for its caller.
   * With `toTheEnd`, a wait that lies in the past is passed.
   */
  async read(runId, position, options) {
    // In the order of the writes: between them the place in memory might be dropped and made anew.
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      const reader = new EventReader(this.#database, tail, position, options.toTheEnd, () =>
        this.#release(tail),
      );
      tail.readers.add(reader);
      return reader;
    });
  }
  /** The number of the last stored event of the run; -1 when there is none. */
  async position(runId) {
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      this.#release(tail);
      return tail.last;
    });
  }
  /** Ends every reader, after all that was pushed is stored. */
  async close() {
    await this.flushed().catch(this.#onError);
    for (const tail of this.#tails.values()) for (const reader of tail.readers) reader.close();
  }
  #exclusively(work) {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => {});
    return result;
  }
  #schedule() {
    if (this.#scheduled) return;
    this.#scheduled = setImmediate(() => {
      this.#scheduled = undefined;
      this.flushed().catch(this.#onError);
    });
  }
  async #flush() {
    const dirty = this.#takeDirty();
    if (dirty.size === 0) return;
    try {
      const rows = [];
      for (const [tail, events] of dirty)
        for (const event of events) rows.push({ run_id: tail.runId, ...event });
      await insertRows(this.#database, rows);
    } catch (error) {
      this.#putBack(dirty);
      throw error;
    }
    for (const [tail, events] of dirty) publish(tail, events);
  }
  /** Takes all deltas that wait, numbered; they count only once `publish` has seen them. */
  #takeDirty() {
    const taken = new Map();
    for (const tail of this.#dirty) {
      let sequence = tail.last;
      taken.set(
        tail,
        tail.pending.map(({ event, data }) => ({ sequence: ++sequence, event, data })),
      );
      tail.pending = [];
    }
    this.#dirty.clear();
    return taken;
  }
  #putBack(taken) {
    for (const [tail, events] of taken) {
      tail.pending = [...events, ...tail.pending];
      this.#dirty.add(tail);
    }
  }
  async #tail(runId) {
    const known = this.#tails.get(runId);
    if (known) return known;
    const last = await this.#database
      .selectFrom('events')
      .select(['sequence', 'event'])
      .where('run_id', '=', runId)
      .orderBy('sequence', 'desc')
      .limit(1)
      .executeTakeFirst();
    const tail = {
      runId,
      last: last?.sequence ?? -1,
      lastEvent: last?.event ?? '',
      pending: [],
      readers: new Set(),
      holds: 0,
    };
    this.#tails.set(runId, tail);
    return tail;
  }
  #release(tail) {
    if (tail.holds + tail.readers.size + tail.pending.length === 0) this.#tails.delete(tail.runId);
  }
}
async function insert(database, runId, events) {
  await insertRows(
    database,
    events.map(({ sequence, event, data }) => ({ run_id: runId, sequence, event, data })),
  );
}
async function insertRows(database, rows) {
  for (let start = 0; start < rows.length; start += insertPage) {
    const page = rows.length <= insertPage ? rows : rows.slice(start, start + insertPage);
    await database.insertInto('events').values(page).execute();
  }
}
function publish(tail, events) {
  const last = events.at(-1);
  if (!last) return;
  tail.last = last.sequence;
  tail.lastEvent = last.event;
  for (const reader of tail.readers) reader.offer(events);
}
/** One reader's place in a run. Pull-based: what it does not ask for costs bounded memory, and stops nobody. */
export class EventReader {
  #database;
  #tail;
  #toTheEnd;
  #release;
  #position;
  #queue = [];
  /** Reading from storage: at the beginning, and after falling behind. */
  #behind = true;
  #ended = false;
  #wake;
  constructor(database, tail, position, toTheEnd, release) {
    this.#database = database;
    this.#tail = tail;
    this.#position = position;
    this.#toTheEnd = toTheEnd;
    this.#release = release;
  }
  /** The next events, as many as there are; undefined when the stream is over. */
  async next() {
    for (;;) {
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
      await new Promise((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
  /** Takes events that were just stored. */
  offer(events) {
    if (this.#behind || this.#ended) return;
    if (this.#queue.length + events.length > readerQueueLimit) {
      this.#queue = [];
      this.#behind = true;
    } else {
      for (const event of events) this.#queue.push(event);
    }
    this.#wake?.();
  }
  /** Leaves. A pending `next` answers undefined. */
  close() {
    this.#end();
    this.#wake?.();
  }
  #end() {
    if (!this.#ended) {
      this.#ended = true;
      this.#queue = [];
      this.#tail.readers.delete(this);
      this.#release();
    }
    return undefined;
  }
  #deliver(events) {
    // A strict reader ends at the first stop; one that replays the past ends where nothing follows.
    const stop = this.#toTheEnd ? -1 : events.findIndex(({ event }) => isStopEvent(event));
    const delivered = stop === -1 ? events : events.slice(0, stop + 1);
    const last = delivered.at(-1);
    if (last) this.#position = last.sequence;
    if (stop !== -1 || (last && this.#isOver(last.event))) this.#end();
    return delivered;
  }
  #isOver(lastEvent) {
    return this.#position >= this.#tail.last && isStopEvent(lastEvent);
  }
  #replay() {
    return this.#database
      .selectFrom('events')
      .select(['sequence', 'event', 'data'])
      .where('run_id', '=', this.#tail.runId)
      .where('sequence', '>', this.#position)
      .orderBy('sequence')
      .limit(replayPage)
      .execute();
  }
}
//# sourceMappingURL=event-log.js.map
