import { toBatches } from '../storage/event-frames.ts';
import { findLastEvent, findRunNumber, insertEvents } from '../storage/events.ts';
import { deleteRemains, type Database } from '../storage/records.ts';
import type { EventData, EventName } from '../wire.ts';
import { commitTogether, RunGoneError, type Commit, type Emit, type Outcome } from './commit-together.ts';
import { EventFolder } from './event-folder.ts';
import { EventReader } from './event-reader.ts';
import { publish, rowsOf, type Drafts, type RunTail } from './run-tail.ts';
import { Turns } from './turns.ts';

export { RunGoneError, type Emit };

/**
 * After deltas were stored, those that follow wait for one another this long, in milliseconds: a frame of a screen. One
 * commit and one write to a socket cost hardly more for several than for one.
 */
const shortestRest = 16;
/** When storing takes its time, it is done again after this many times as long: what a burst costs is bounded. */
const restAfterStoring = 4;
/** The longest such rest. */
const longestRest = 50;
/** Commits in one transaction. */
const mostTogether = 64;

/** Taken once: a test that stops the clock must not hold back what is stored. */
const startTimer = setTimeout;

/** A commit that is asked for. */
interface AskedCommit {
  runId: string;
  work: Commit['work'];
  resolve: (value: never) => void;
  reject: (error: unknown) => void;
}

/**
 * The events of every run: stored first, then handed to whoever reads along. Deltas of a moment are stored in one
 * commit, for all runs together; a change of state is stored in one transaction with its event, and with those changes
 * of other runs that wait at that moment.
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
  readonly #turns = new Turns<AskedCommit>((asked) => this.#commitAll(asked), mostTogether);
  readonly #folder: EventFolder;
  readonly #onError: (error: unknown) => void;

  constructor(database: Database, onError: (error: unknown) => void) {
    this.#database = database;
    this.#folder = new EventFolder(database, onError);
    this.#onError = onError;
  }

  /**
   * Runs `work` in a transaction and stores the events it emits, after all deltas pushed before. Readers see the events
   * only once the transaction stands; when `work` throws, nothing has happened.
   */
  commit<T>(runId: string, work: (database: Database, emit: Emit) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => this.#turns.add({ runId, work, resolve, reject }));
  }

  /** Carries out commits that wait side by side; answers those that it has not got to. */
  async #commitAll(asked: AskedCommit[]): Promise<AskedCommit[]> {
    const open: (AskedCommit & Commit)[] = [];
    for (const commit of asked) {
      try {
        const tail = await this.#tail(commit.runId);
        if (tail.isGone) throw new RunGoneError(commit.runId);
        open.push({ ...commit, tail });
      } catch (error) {
        commit.reject(error);
      }
    }
    if (open.length === 0) return [];
    try {
      const tails = open.map(({ tail }) => tail);
      const outcomes = await this.#numbered(tails, async (drafts) => {
        const outcomes = await commitTogether(this.#database, drafts, open);
        publish(drafts);
        return outcomes;
      });
      for (const [index, outcome] of outcomes.entries()) this.#settle(open[index]!, outcome);
      return open.slice(outcomes.length);
    } catch (error) {
      if (this.#dirty.size > 0) this.#schedule(false);
      if (open.length === 1) open[0]!.reject(error);
    } finally {
      for (const { tail } of open) this.#release(tail);
    }
    // Of several none has happened, whoever is to blame: by itself each one stands or fails on its own.
    if (open.length > 1) for (const commit of open) await this.#commitAll([commit]);
    return [];
  }

  #settle({ tail, resolve, reject }: AskedCommit & Commit, outcome: Outcome): void {
    if ('error' in outcome) return reject(outcome.error);
    tail.isFresh = !outcome.isDelta;
    if (outcome.isFinal && outcome.isOurs) this.#folder.add(tail.run!);
    resolve(outcome.value as never);
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

  /**
   * Keeps the run's place in memory until released: whoever pushes deltas must hold it. It may be held before the run is
   * made, so that nothing of it has to be looked up.
   */
  async hold(runId: string): Promise<() => void> {
    return this.#turns.alone(async () => {
      // Nothing is read here: what another engine has added meanwhile is met when it is next stored to.
      const tail = this.#tails.get(runId) ?? (await this.#tail(runId));
      tail.holds += 1;
      return () => {
        tail.holds -= 1;
        this.#release(tail);
      };
    });
  }

  /** Resolves when all that was pushed is stored. */
  flushed(): Promise<void> {
    return this.#turns.alone(() => this.#flush());
  }

  /**
   * Reads a run's events after `position` (-1 for all), then follows it until it is over or waits for its caller.
   * With `toTheEnd`, a wait that lies in the past is passed.
   */
  async read(runId: string, position: number, options: { toTheEnd: boolean }): Promise<EventReader> {
    // In the order of the writes: between them the place in memory might be dropped and made anew.
    return this.#turns.alone(async () => {
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
    return this.#turns.alone(async () => {
      const tail = await this.#tail(runId);
      this.#release(tail);
      return tail.last;
    });
  }

  /**
   * Deletes runs by `work`, which answers their ids, while nothing is stored: what a run still says must not come behind it,
   * for it would stay for ever. Then their readers end, and what they say from here on is dropped.
   */
  forget(work: () => Promise<string[]>): Promise<string[]> {
    return this.#turns.alone(async () => {
      const runIds = await work();
      for (const runId of runIds) {
        const tail = this.#tails.get(runId);
        if (!tail) continue;
        tail.isGone = true;
        this.#drop(tail);
        for (const reader of tail.readers) reader.close();
      }
      return runIds;
    });
  }

  /**
   * Forgets those of the runs that another engine has deleted, with what was stored of them since; answers their ids.
   * `isMeant` says which to ask for.
   */
  forgetDeleted(isMeant: (runId: string) => boolean): Promise<string[]> {
    return this.forget(async () => {
      const deleted: string[] = [];
      for (const { runId, run, isGone } of this.#tails.values()) {
        if (run === undefined || isGone || !isMeant(runId)) continue;
        if ((await findRunNumber(this.#database, runId)) !== undefined) continue;
        await deleteRemains(this.#database, { id: runId, number: run });
        deleted.push(runId);
      }
      return deleted;
    });
  }

  /** What the run does can no longer be stored: its readers are told, for they would wait for ever. */
  interrupt(runId: string, message: string): void {
    for (const reader of this.#tails.get(runId)?.readers ?? []) reader.close(new Error(message));
  }

  /** Ends every reader, after all that was pushed is stored. */
  async close(): Promise<void> {
    await this.flushed().catch(this.#onError);
    for (const tail of this.#tails.values()) for (const reader of tail.readers) reader.close();
    await this.#folder.close();
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
    await this.#numbered([], async (drafts) => {
      await insertEvents(this.#database, rowsOf(drafts));
      publish(drafts);
    });
    const end = performance.now();
    const rest = Math.max((end - begin) * restAfterStoring, shortestRest);
    this.#restUntil = end + Math.min(rest, longestRest);
  }

  /**
   * Stores with `store` what waits, numbered. When that fails because another engine has written to one of the runs, a
   * cancel for instance, the numbers are given anew, behind what it wrote.
   */
  async #numbered<T>(tails: RunTail[], store: (drafts: Drafts) => Promise<T>): Promise<T> {
    for (;;) {
      const drafts = this.#takeDirty();
      try {
        return await store(drafts);
      } catch (error) {
        this.#putBack(drafts);
        const wasLate = await this.#catchUp([...drafts.keys(), ...tails]).catch(() => false);
        if (!wasLate) throw error;
      }
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
    await this.#turns.alone(() =>
      this.#catchUp(
        [...this.#tails.values()].filter(({ holds, readers }) => holds === 0 && readers.size > 0),
      ),
    );
  }

  /** Takes all deltas that wait, numbered. */
  #takeDirty(): Drafts {
    const drafts: Drafts = new Map();
    for (const tail of this.#dirty) {
      const pushed = tail.pending;
      drafts.set(tail, { run: tail.run, pushed, batches: toBatches(tail.last + 1, pushed) });
      tail.pending = [];
    }
    this.#dirty.clear();
    return drafts;
  }

  #putBack(drafts: Drafts): void {
    for (const [tail, { pushed }] of drafts) {
      if (tail.isGone || pushed.length === 0) continue;
      tail.pending = [...pushed, ...tail.pending];
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
