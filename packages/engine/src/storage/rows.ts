import type { Insertable, Selectable, Updateable } from 'kysely';
import { prepare, type Prepared } from './prepared.ts';
import type { Database } from './records.ts';
import type { ObjectTable, Schema } from './schema.ts';

/** Queries of one row, each prepared once for its table and columns: what every run does many times. */
const known = new Map<string, Prepared<object, unknown>>();

type Given = Record<string, never>;

function once(
  what: string,
  table: string,
  columns: string[],
  build: Parameters<typeof prepare<Given, unknown>>[0],
) {
  const key = `${what} ${table} ${columns.join()}`;
  let query = known.get(key);
  if (!query) known.set(key, (query = prepare(build) as Prepared<object, unknown>));
  return query;
}

const pick = (given: Given, columns: string[]) =>
  Object.fromEntries(columns.map((column) => [column, given[column]!]));

/** These columns of the row with this id. */
export async function findRow<T extends ObjectTable, C extends keyof Selectable<Schema[T]> & string>(
  database: Database,
  table: T,
  id: string,
  columns: C[],
): Promise<Pick<Selectable<Schema[T]>, C> | undefined> {
  const query = once('find', table, columns, (database, given) =>
    database
      .selectFrom(table as 'runs')
      .select(columns as 'id'[])
      .where('id', '=', given['id']!),
  );
  const [row] = await query(database, { id });
  return row as Pick<Selectable<Schema[T]>, C> | undefined;
}

/** Stores a row. */
export async function insertRow<T extends ObjectTable>(
  database: Database,
  table: T,
  row: Insertable<Schema[T]>,
): Promise<void> {
  const columns = Object.keys(row);
  const query = once('insert', table, columns, (database, given) =>
    database.insertInto(table as 'threads').values(pick(given, columns) as Insertable<Schema['threads']>),
  );
  await query(database, row);
}

/** Changes these columns of the row with this id, where there is one. */
export async function updateRow<T extends ObjectTable>(
  database: Database,
  table: T,
  id: string,
  changes: Updateable<Schema[T]>,
): Promise<void> {
  const columns = Object.keys(changes);
  const query = once('update', table, columns, (database, given) =>
    database
      .updateTable(table as 'threads')
      .set(pick(given, columns))
      .where('id', '=', given['id']!),
  );
  await query(database, { ...changes, id });
}
