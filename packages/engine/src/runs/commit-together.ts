import { CompiledQuery } from 'kysely';
import { toBatches, type NewEvent } from '../storage/event-frames.ts';
import { findRunNumber, insertEvents, type NewRow } from '../storage/events.ts';
import type { Database } from '../storage/records.ts';
import type { EventData, EventName } from '../wire.ts';
import { isFinalEvent, isRunEvent, isStopEvent } from './run-machine.ts';
import { lastOf, rowsOf, type Draft, type Drafts, type RunTail } from './run-tail.ts';

/** Adds an event to what a transaction is about to store. */
export type Emit = <T extends EventName>(event: T, data: EventData[T]) => void;

/** The run has been deleted, or another engine has ended it: nothing can be told of it any more. */
export class RunGoneError extends Error {
  override readonly name = 'RunGoneError';

  constructor(runId: string) {
    super(`Run ${runId} is gone or over.`);
  }
}

/** What a commit does to a run. */
export interface Commit {
  tail: RunTail;
  work: (database: Database, emit: Emit) => Promise<unknown>;
}

/** What became of a commit. One that failed has left nothing behind. */
export type Outcome =
  | { value: unknown; isDelta: boolean; isFinal: boolean; isOurs: boolean }
  | { error: unknown };

/** Milliseconds after which a transaction takes in no more commits: whoever waits for its end waits hardly longer. */
const longest = 5;

/** Never released: the end of the transaction does it, and going back goes to the last. */
const savepoint = CompiledQuery.raw('savepoint one_commit');
const goBack = CompiledQuery.raw('rollback to savepoint one_commit');

/**
 * Stores the drafts and carries out the commits, all in one transaction: what they add to their runs is added to the
 * drafts. One of several that throws undoes itself alone; one by itself undoes all. Answers what became of them, of fewer
 * than there are when their time was over.
 */
export function commitTogether(database: Database, drafts: Drafts, commits: Commit[]): Promise<Outcome[]> {
  const end = performance.now() + longest;
  return database.transaction().execute(async (transaction) => {
    await insertEvents(transaction, rowsOf(drafts));
    const outcomes: Outcome[] = [];
    const written = new Set<RunTail>();
    let rows: NewRow[] = [];
    const store = async () => {
      await insertEvents(transaction, rows);
      rows = [];
      written.clear();
    };
    for (const { tail, work } of commits) {
      if (outcomes.length > 0 && performance.now() > end) break;
      // It may read what the run has said.
      if (written.has(tail)) await store();
      let draft = drafts.get(tail);
      const carryOut = () => carry(transaction, tail, draft, work);
      const done = await (commits.length === 1 ? carryOut() : apart(transaction, carryOut));
      if ('error' in done) {
        outcomes.push(done);
        continue;
      }
      const { value, events, run } = done;
      // Whoever else may still write to it must meet what has been written, row by row: so it learns of the end.
      const { last, isStop } = lastOf(tail, draft);
      const event = events.at(-1)?.event ?? '';
      outcomes.push({
        value,
        isDelta: event.endsWith('.delta'),
        isFinal: isFinalEvent(event),
        isOurs: tail.holds > 0 || isStop,
      });
      if (run === undefined) continue;
      if (!draft) drafts.set(tail, (draft = { run, pushed: [], batches: [] }));
      for (const batch of toBatches(last + 1, events)) {
        draft.batches.push(batch);
        rows.push({ run, batch });
      }
      written.add(tail);
    }
    await store();
    return outcomes;
  });
}

interface Carried {
  value: unknown;
  events: NewEvent[];
  /** The run's number, when there is something to store. */
  run: number | undefined;
}

async function carry(
  transaction: Database,
  tail: RunTail,
  draft: Draft | undefined,
  work: Commit['work'],
): Promise<Carried> {
  const events: NewEvent[] = [];
  const value = await work(transaction, (event, data) => {
    events.push({ event, data: JSON.stringify(data), isStop: isStopEvent(event) });
  });
  if (events.length === 0) return { value, events, run: undefined };
  // Whoever still carries out what another engine has ended has nothing to add.
  if (lastOf(tail, draft).isStop && !events.some(({ event }) => isRunEvent(event))) {
    throw new RunGoneError(tail.runId);
  }
  const run = draft?.run ?? tail.run ?? (await findRunNumber(transaction, tail.runId));
  // The run was deleted, or its making did not get that far.
  if (run === undefined) throw new RunGoneError(tail.runId);
  return { value, events, run };
}

/** Does a part of a transaction so that it can fail without the rest. */
async function apart<T>(transaction: Database, work: () => Promise<T>): Promise<T | { error: unknown }> {
  await transaction.executeQuery(savepoint);
  try {
    return await work();
  } catch (error) {
    // Fails where the database has ended the whole transaction, on a full disk for instance.
    await transaction.executeQuery(goBack);
    return { error };
  }
}
