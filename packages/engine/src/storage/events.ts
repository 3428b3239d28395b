import { zstdDecompressSync } from 'node:zlib';
import { CompiledQuery, sql } from 'kysely';
import { after, type EventBatch } from './event-frames.ts';
import { prepare } from './prepared.ts';
import type { Database } from './records.ts';
import { findRow } from './rows.ts';

/** Events of a run, to be stored as one row. */
export interface NewRow {
  run: number;
  batch: EventBatch;
}

/** Rows in one statement. Few sizes, so that each is compiled and prepared once and not for every batch anew. */
const sizes = [64, 8, 1] as const;
/** By dialect, for each writes its parameters in its own way. */
const statements = new WeakMap<object, Map<number, string>>();

/**
 * Stores events, all or none. The hot path of the engine. Fails when another engine has stored events of the same numbers:
 * whoever has not seen them all goes on from the end of a row, and so from the beginning of the next.
 */
export async function insertEvents(database: Database, rows: NewRow[]): Promise<void> {
  if (rows.length <= 1 || sizes.includes(rows.length as 8) || database.isTransaction) {
    return insertInto(database, rows);
  }
  await database.transaction().execute((transaction) => insertInto(transaction, rows));
}

async function insertInto(database: Database, rows: NewRow[]): Promise<void> {
  let start = 0;
  for (const size of sizes) {
    for (; rows.length - start >= size; start += size) {
      const parameters: unknown[] = [];
      for (let index = start; index < start + size; index++) {
        const { run, batch } = rows[index]!;
        parameters.push(run, batch.first, batch.last, batch.isStop ? 1 : 0, batch.frames);
      }
      await database.executeQuery(CompiledQuery.raw(statementFor(database, size), parameters));
    }
  }
}

function statementFor(database: Database, size: number): string {
  const dialect = database.getExecutor().adapter.constructor;
  let known = statements.get(dialect);
  if (!known) statements.set(dialect, (known = new Map()));
  let statement = known.get(size);
  if (statement === undefined) {
    const row = { run: 0, sequence: 0, last: 0, is_stop: 0, frames: new Uint8Array() };
    const rows = Array.from({ length: size }, () => row);
    statement = database.insertInto('events').values(rows).compile().sql;
    known.set(size, statement);
  }
  return statement;
}

/** The number that stands for the run in the log; undefined when there is no such run. */
export async function findRunNumber(database: Database, runId: string): Promise<number | undefined> {
  return (await findRow(database, 'runs', runId, ['sequence']))?.sequence;
}

/** The number of a run's last event, and whether streams may end with it; undefined when it has none. */
export async function findLastEvent(
  database: Database,
  run: number,
): Promise<{ last: number; isStop: boolean } | undefined> {
  const [row] = await lastEvent(database, { run });
  return row && { last: row.last, isStop: row.is_stop === 1 };
}

const lastEvent = prepare((database, given: { run: number }) =>
  database
    .selectFrom('events')
    .select(['last', 'is_stop'])
    .where('run', '=', given.run)
    .orderBy('sequence', 'desc')
    .limit(1),
);

/** What packed events begin with; unpacked ones begin with the i of `id`. */
const zstdMark = 0x28;
/** Bytes of events read at a time, about. */
const pageBytes = 256 * 1024;
/** Rows looked at for them; large events have rows of their own, so that these are not much more. */
const pageRows = 16;

/** The row that holds the next event may begin before it. One statement: rows are put together meanwhile. */
const rowsFrom = prepare((database, given: { run: number; next: number }) =>
  database
    .selectFrom('events')
    .select(['sequence', 'last', 'is_stop', 'frames'])
    .where('run', '=', given.run)
    .where('sequence', '>=', (query) =>
      query
        .selectFrom('events as earlier')
        .select((expression) => expression.fn.coalesce(expression.fn.max('sequence'), sql.lit(0)).as('begin'))
        .where('run', '=', given.run)
        .where('sequence', '<=', given.next),
    )
    .orderBy('sequence')
    .limit(pageRows),
);

/** Events of a run after `position`: as many as are good to hold at a time, none when there are no more. */
export async function listEvents(database: Database, run: number, position: number): Promise<EventBatch[]> {
  const rows = await rowsFrom(database, { run, next: position + 1 });
  const batches: EventBatch[] = [];
  let bytes = 0;
  for (const { sequence, last, is_stop, frames } of rows) {
    if (last <= position) continue;
    const unpacked = frames[0] === zstdMark ? zstdDecompressSync(frames) : frames;
    const batch = after({ first: sequence, last, isStop: is_stop === 1, frames: unpacked }, position);
    batches.push(batch);
    bytes += batch.frames.byteLength;
    if (bytes > pageBytes) break;
  }
  return batches;
}
