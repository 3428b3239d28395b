/** A cursor names an object that is not in the list. */
export class UnknownCursorError extends Error {
  cursor;
  constructor(cursor) {
    super(`There is no object ${cursor} in this list.`);
    this.cursor = cursor;
  }
}
/**
 * One page of a list in the order of creation. Rows of one second are told apart by their sequence, so pages neither
 * repeat nor skip, whatever is added meanwhile.
 */
export async function listObjects(database, table, filters, page) {
  const position = async (cursor) => {
    const row = await database
      .selectFrom(table)
      .select('sequence')
      .where('id', '=', cursor)
      .executeTakeFirst();
    if (!row) throw new UnknownCursorError(cursor);
    return row.sequence;
  };
  // `before` alone means the page that ends just before its object: it is read backwards and turned round.
  const backwards = page.before !== undefined && page.after === undefined;
  const ascending = (page.order === 'asc') !== backwards;
  let query = database.selectFrom(table).select('body');
  for (const [column, value] of Object.entries(filters)) {
    if (value !== undefined) query = query.where(column, '=', value);
  }
  if (page.after !== undefined) {
    query = query.where('sequence', page.order === 'asc' ? '>' : '<', await position(page.after));
  }
  if (page.before !== undefined) {
    query = query.where('sequence', page.order === 'asc' ? '<' : '>', await position(page.before));
  }
  const rows = await query
    .orderBy('sequence', ascending ? 'asc' : 'desc')
    .limit(page.limit + 1)
    .execute();
  const data = rows.slice(0, page.limit).map((row) => JSON.parse(row.body));
  if (backwards) data.reverse();
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rows.length > page.limit,
  };
}
//# sourceMappingURL=pages.js.map
