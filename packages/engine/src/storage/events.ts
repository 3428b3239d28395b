import { CompiledQuery } from 'kysely';
import type { Database } from './records.ts';

/** A row of the event log. */
export interface StoredEvent {
  run: number;
  sequence: number;
  event: string;
  data: string;
}

/** Rows in one statement. Few sizes, so that each is compiled and prepared once and not for every batch anew. */
const sizes = [64, 8, 1] as const;
/** By dialect, for each writes its parameters in its own way. */
const statements = new WeakMap<object, Map<number, string>>();

/** Stores events, all or none. The hot path of the engine: once for every turn of the event loop with deltas. */
export async function insertEvents(database: Database, events: StoredEvent[]): Promise<void> {
  if (events.length <= 1 || sizes.includes(events.length as 8) || database.isTransaction) {
    return insertInto(database, events);
  }
  await database.transaction().execute((transaction) => insertInto(transaction, events));
}

async function insertInto(database: Database, events: StoredEvent[]): Promise<void> {
  let start = 0;
  for (const size of sizes) {
    for (; events.length - start >= size; start += size) {
      const parameters: unknown[] = [];
      for (let index = start; index < start + size; index++) {
        const { run, sequence, event, data } = events[index]!;
        parameters.push(run, sequence, event, data);
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
    const row = { run: 0, sequence: 0, event: '', data: '' };
    const rows = Array.from({ length: size }, () => row);
    statement = database.insertInto('events').values(rows).compile().sql;
    known.set(size, statement);
  }
  return statement;
}
