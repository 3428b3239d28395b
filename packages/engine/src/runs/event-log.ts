import { toBatches, type EventBatch, type NewEvent } from '../storage/event-frames.ts';
import { findLastEvent, findRunNumber, insertEvents, type NewRow } from '../storage/events.ts';
import { foldEvents } from '../storage/fold-events.ts';
import type { Database } from '../storage/records.ts';
import type { EventData, EventName } from '../wire.ts';
import { EventReader } from './event-reader.ts';
import { isFinalEvent, isRunEvent, isStopEvent } from './run-machine.ts';

/** Adds an event to what a transaction is about to store. */
export type Emit = <T extends EventName>(event: T, data: EventData[T]) => void;

/** The run has been deleted, or another engine has ended it: nothing can be told of it any more. */
export class RunGoneError extends Error {
  override readonly name = 'RunGoneError';

  constructor(runId: string) {
    super(`Run ${runId} is gone or over.`);
  }
}

/**
 * After deltas were stored, those that follow wait for one another this long, in milliseconds: a frame of a screen. One
 * commit and one write to a socket cost hardly more for several than for one.
 */
const shortestRest = 16;
/** When storing takes its time, it is done again after this many times as long: what a burst costs is bounded. */
const restAfterStoring = 4;
/** The longest such rest. */
const longestRest = 50;
/** How long a run is over before its events are put together, in milliseconds: first those who read along get the rest. */
const foldAfter = 1000;

/** Taken once: a test that stops the clock must not hold back what is stored. */
const startTimer = setTimeout;

/** Deltas on their way to storage: the events as they were pushed, and numbered. */
type Taken = Map<RunTail, { events: NewEvent[]; batches: EventBatch[] }>;

/** What the log keeps in memory of a run that is being written or read. */
export interface RunTail {
  runId: string;
  /** The run's number in storage; unknown until the run is stored. */
  run: number | undefined;
  /** The run was deleted: what it still says is lost. */
  isGone: boolean;
  /** The last event that is stored; -1 when there is none. */
  last: number;
  /** Streams may end with it. */
  isStopped: boolean;
  /** No delta has been pushed since its state changed. */
  isFresh: boolean;
  pending: NewEvent[];
  readers: Set<EventReader>;
  /** How many hold the place open to push deltas. */
  holds: number;
}

/**
 * The events of every run: stored first, then handed to whoever reads along. Deltas of a moment are stored in one
 * commit, for all runs together; a change of state is stored in one transaction with its event.
 */
export class EventLog {
  readonly #database: Database;
  readonly #tails = new Map<string, RunTail>();
  readonly #dirty = new Set<RunTail>();
  #flushing: 'at once' | 'later' | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Until when to rest after deltas were stored, in the time of `performance`. */
  #restUntil = 0;
  /** Writes follow one another: numbers are given in the order of storing. */
  #writing: Promise<unknown> = Promise.resolve();
  /** Runs that are over, and whose events are not yet put together. */
  #finished: number[] = [];
  #foldTimer: NodeJS.Timeout | undefined;
  #folding: Promise<void> = Promise.resolve();
  readonly #onError: (error: unknown) => void;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#onError = onError;
  }

  /**
   * Runs `work` in a transaction and stores the events it emits, after all deltas pushed before. Readers see the events
   * only once the transaction stands; when `work` throws, nothing has happened.
   */
  commit<T>(runId: string, work: (database: Database, emit: Emit) => Promise<T>): Promise<T> {
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      if (tail.isGone) throw new RunGoneError(runId);
      try {
        return await this.#numbered([tail], (dirty) => this.#commit(tail, dirty, work));
      } catch (error) {
        if (this.#dirty.size > 0) this.#schedule(false);
        throw error;
      } finally {
        this.#release(tail);
      }
    });
  }

  async #commit<T>(
    tail: RunTail,
    dirty: Taken,
    work: (database: Database, emit: Emit) => Promise<T>,
  ): Promise<T> {
    let batches: EventBatch[] = [];
    let isFinal = false;
    let { run } = tail;
    const result = await this.#database.transaction().execute(async (transaction) => {
      await insertEvents(transaction, rowsOf(dirty));
      const events: NewEvent[] = [];
      const answer = await work(transaction, (event, data) => {
        events.push({ event, data: JSON.stringify(data), isStop: isStopEvent(event) });
        isFinal = isFinalEvent(event);
      });
      if (events.length === 0) return answer;
      // Whoever still carries out what another engine has ended has nothing to add.
      if (tail.isStopped && !events.some(({ event }) => isRunEvent(event))) {
        throw new RunGoneError(tail.runId);
      }
      const number = (run ??= await findRunNumber(transaction, tail.runId));
      // The run was deleted, or its making did not get that far.
      if (number === undefined) throw new RunGoneError(tail.runId);
      const last = dirty.get(tail)?.batches.at(-1)?.last ?? tail.last;
      batches = toBatches(last + 1, events);
      await insertEvents(
        transaction,
        batches.map((batch) => ({ run: number, batch })),
      );
      return answer;
    });
    tail.run = run;
    // Whoever else may still write to it must meet what has been written, row by row: so it learns of the end.
    const isOurs = tail.holds > 0 || tail.isStopped;
    for (const [other, { batches: deltas }] of dirty) publish(other, deltas);
    publish(tail, batches);
    tail.isFresh = true;
    if (isFinal && isOurs) this.#finish(run!);
    return result;
  }

  /** Adds a delta; it is stored and sent soon, together with others. Does nothing when the run is over. */
  push<T extends EventName>(runId: string, event: T, data: EventData[T]): void {
    const tail = this.#tails.get(runId);
    if (!tail) throw new Error(`The log of ${runId} is not held open.`);
    if (tail.isGone || tail.isStopped) return;
    tail.pending.push({ event, data: JSON.stringify(data) });
    this.#dirty.add(tail);
    this.#schedule(tail.isFresh);
    tail.isFresh = false;
  }

  /** Keeps the run's place in memory until released: whoever pushes deltas must hold it. */
  async hold(runId: string): Promise<() => void> {
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
  flushed(): Promise<void> {
    return this.#exclusively(() => this.#flush());
  }

  /**
   * Reads a run's events after `position` (-1 for all), then follows it until it is over or waits for its caller.
   * With `toTheEnd`, a wait that lies in the past is passed.
   */
  async read(runId: string, position: number, options: { toTheEnd: boolean }): Promise<EventReader> {
    // In the order of the writes: between them the place in memory might be dropped and made anew.
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      const reader = new EventReader(this.#database, tail, position, options.toTheEnd, () =>
        this.#release(tail),
      );
      tail.readers.add(reader);
      // Deleted since it was asked for: nobody would ever say so to one who comes this late.
      if (tail.isGone || tail.run === undefined) reader.close();
      return reader;
    });
  }

  /** The number of the last stored event of the run; -1 when there is none. */
  async position(runId: string): Promise<number> {
    return this.#exclusively(async () => {
      const tail = await this.#tail(runId);
      this.#release(tail);
      return tail.last;
    });
  }

  /** The run has been deleted: its readers end, and what it still says is dropped. */
  forget(runId: string): void {
    const tail = this.#tails.get(runId);
    if (!tail) return;
    tail.isGone = true;
    this.#drop(tail);
    for (const reader of tail.readers) reader.close();
  }

  /** What the run does can no longer be stored: its readers are told, for they would wait for ever. */
  interrupt(runId: string, message: string): void {
    for (const reader of this.#tails.get(runId)?.readers ?? []) reader.close(new Error(message));
  }

  #finish(run: number): void {
    this.#finished.push(run);
    this.#foldTimer ??= startTimer(() => {
      this.#foldTimer = undefined;
      this.#folding = this.#fold();
    }, foldAfter).unref();
  }

  async #fold(): Promise<void> {
    await this.#folding;
    for (let run = this.#finished.shift(); run !== undefined; run = this.#finished.shift()) {
      await foldEvents(this.#database, run).catch(this.#onError);
    }
  }

  /** Ends every reader, after all that was pushed is stored. */
  async close(): Promise<void> {
    clearTimeout(this.#foldTimer);
    await this.flushed().catch(this.#onError);
    for (const tail of this.#tails.values()) for (const reader of tail.readers) reader.close();
    await this.#fold();
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work);
    this.#writing = result.catch(() => {});
    return result;
  }

  /** Stores soon what waits: at once what is the first after a change of state, for somebody waits to see it begin. */
  #schedule(isUrgent: boolean): void {
    if (this.#flushing === 'at once') return;
    const rest = this.#restUntil - performance.now();
    if (isUrgent || rest < 1) {
      clearTimeout(this.#timer);
      this.#flushing = 'at once';
      setImmediate(this.#flushNow);
    } else if (this.#flushing === undefined) {
      this.#flushing = 'later';
      this.#timer = startTimer(this.#flushNow, rest);
    }
  }

  readonly #flushNow = (): void => {
    this.#flushing = undefined;
    this.flushed().catch(this.#onError);
  };

  async #flush(): Promise<void> {
    if (this.#dirty.size === 0) return;
    const begin = performance.now();
    await this.#numbered([], async (dirty) => {
      await insertEvents(this.#database, rowsOf(dirty));
      for (const [tail, { batches }] of dirty) publish(tail, batches);
    });
    const end = performance.now();
    const rest = Math.max((end - begin) * restAfterStoring, shortestRest);
    this.#restUntil = end + Math.min(rest, longestRest);
  }

  /**
   * Stores with `store` what waits, numbered. When that fails because another engine has written to one of the runs, a
   * cancel for instance, the numbers are given anew, behind what it wrote.
   */
  async #numbered<T>(tails: RunTail[], store: (dirty: Taken) => Promise<T>, mayRepeat = true): Promise<T> {
    const dirty = this.#takeDirty();
    try {
      return await store(dirty);
    } catch (error) {
      this.#putBack(dirty);
      if (mayRepeat && (await this.#catchUp([...dirty.keys(), ...tails]).catch(() => false))) {
        return await this.#numbered(tails, store, false);
      }
      throw error;
    }
  }

  /** Takes note of events that other engines have stored; answers whether there were any. */
  async #catchUp(tails: Iterable<RunTail>): Promise<boolean> {
    let hasMoved = false;
    for (const tail of tails) {
      if (tail.run === undefined) continue;
      const stored = await findLastEvent(this.#database, tail.run);
      if (!stored || stored.last <= tail.last) continue;
      tail.last = stored.last;
      tail.isStopped = stored.isStop;
      if (stored.isStop) this.#drop(tail);
      for (const reader of tail.readers) reader.fallBehind();
      hasMoved = true;
    }
    return hasMoved;
  }

  #drop(tail: RunTail): void {
    tail.pending = [];
    this.#dirty.delete(tail);
  }

  /** Lets readers of runs that other engines execute see what these have stored meanwhile. */
  async catchUp(): Promise<void> {
    await this.#exclusively(() =>
      this.#catchUp(
        [...this.#tails.values()].filter(({ holds, readers }) => holds === 0 && readers.size > 0),
      ),
    );
  }

  /** Takes all deltas that wait, numbered; they count only once `publish` has seen them. */
  #takeDirty(): Taken {
    const taken: Taken = new Map();
    for (const tail of this.#dirty) {
      const events = tail.pending;
      taken.set(tail, { events, batches: toBatches(tail.last + 1, events) });
      tail.pending = [];
    }
    this.#dirty.clear();
    return taken;
  }

  #putBack(taken: Taken): void {
    for (const [tail, { events }] of taken) {
      if (tail.isGone) continue;
      tail.pending = [...events, ...tail.pending];
      this.#dirty.add(tail);
    }
  }

  async #tail(runId: string): Promise<RunTail> {
    const known = this.#tails.get(runId);
    if (known) {
      // Another engine may carry it out. What others add to one that is carried out here is met when it is next stored to.
      if (known.holds === 0) await this.#catchUp([known]);
      return known;
    }
    const run = await findRunNumber(this.#database, runId);
    const stored = run === undefined ? undefined : await findLastEvent(this.#database, run);
    const tail: RunTail = {
      runId,
      run,
      isGone: false,
      last: stored?.last ?? -1,
      isStopped: stored?.isStop ?? false,
      isFresh: true,
      pending: [],
      readers: new Set(),
      holds: 0,
    };
    this.#tails.set(runId, tail);
    return tail;
  }

  #release(tail: RunTail): void {
    if (tail.holds + tail.readers.size + tail.pending.length === 0) this.#tails.delete(tail.runId);
  }
}

function rowsOf(taken: Taken): NewRow[] {
  const rows: NewRow[] = [];
  for (const [{ run }, { batches }] of taken) {
    for (const batch of batches) rows.push({ run: run!, batch });
  }
  return rows;
}

function publish(tail: RunTail, batches: EventBatch[]): void {
  const last = batches.at(-1);
  if (!last) return;
  tail.last = last.last;
  tail.isStopped = last.isStop;
  for (const reader of tail.readers) reader.offer(batches);
}
