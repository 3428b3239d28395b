import type { Database } from './records.ts';
import type { ObjectTable } from './schema.ts';

/** Which part of a list is asked for; all cursors are ids. */
export interface PageRequest {
  limit: number;
  order: 'asc' | 'desc';
  after?: string | undefined;
  before?: string | undefined;
}

export interface Page<T> {
  object: 'list';
  data: T[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}

/** A cursor names an object that is not in the list. */
export class UnknownCursorError extends Error {
  readonly cursor: 'after' | 'before';

  constructor(cursor: UnknownCursorError['cursor'], id: string) {
    super(`There is no object '${id}' in this list.`);
    this.cursor = cursor;
  }
}

/**
 * One page of a list in the order of creation. Rows of one second are told apart by their sequence, so pages neither
 * repeat nor skip, whatever is added meanwhile. A `status` filters too, but a cursor need not have it any more.
 */
export async function listObjects<T extends { id: string }>(
  database: Database,
  table: ObjectTable,
  filters: Record<string, string | undefined>,
  page: PageRequest,
  status?: string,
): Promise<Page<T>> {
  let list = database.selectFrom(table as 'runs');
  for (const [column, value] of Object.entries(filters)) {
    if (value !== undefined) list = list.where(column as 'thread_id', '=', value);
  }
  const position = async (cursor: UnknownCursorError['cursor'], id: string) => {
    const row = await list.select('sequence').where('id', '=', id).executeTakeFirst();
    if (!row) throw new UnknownCursorError(cursor, id);
    return row.sequence;
  };
  // `before` alone means the page that ends just before its object: it is read backwards and turned round.
  const backwards = page.before !== undefined && page.after === undefined;
  const ascending = (page.order === 'asc') !== backwards;

  let query = list.select('body');
  if (status !== undefined) query = query.where('status', '=', status);
  if (page.after !== undefined) {
    query = query.where('sequence', page.order === 'asc' ? '>' : '<', await position('after', page.after));
  }
  if (page.before !== undefined) {
    query = query.where('sequence', page.order === 'asc' ? '<' : '>', await position('before', page.before));
  }
  const rows = await query
    .orderBy('sequence', ascending ? 'asc' : 'desc')
    .limit(page.limit + 1)
    .execute();
  const data = rows.slice(0, page.limit).map((row) => JSON.parse(row.body) as T);
  if (backwards) data.reverse();
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rows.length > page.limit,
  };
}
