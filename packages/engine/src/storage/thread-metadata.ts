import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Metadata, Thread } from '../wire.ts';
import { UnknownCursorError, type Page, type PageRequest } from './pages.ts';
import { prepare } from './prepared.ts';
import type { Database } from './records.ts';
import { findRow } from './rows.ts';

/** One entry of a thread's metadata, and when something was last said in the thread: what threads are found by. */
export interface ThreadMetadataRow {
  /** The thread's own `sequence`. */
  thread: number;
  key: string;
  value: string;
  /** Milliseconds. */
  active_at: number;
}

export const threadMetadataMigration: Migration = {
  async up(database: Kysely<unknown>) {
    await database.schema
      .createTable('thread_metadata')
      .addColumn('thread', 'integer', (column) =>
        column.notNull().references('threads.sequence').onDelete('cascade'),
      )
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('value', 'text', (column) => column.notNull())
      .addColumn('active_at', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('thread_metadata_once', ['thread', 'key'])
      .execute();
    await database.schema
      .createIndex('threads_by_metadata')
      .on('thread_metadata')
      .columns(['key', 'value', 'active_at', 'thread'])
      .execute();
    const known = database as Database;
    for (const { sequence, body } of await known
      .selectFrom('threads')
      .select(['sequence', 'body'])
      .execute()) {
      const thread = JSON.parse(body) as Thread;
      const last = await known
        .selectFrom('messages')
        .select('created_at')
        .where('thread_id', '=', thread.id)
        .orderBy('sequence', 'desc')
        .limit(1)
        .executeTakeFirst();
      await insertRows(known, sequence, thread.metadata, (last?.created_at ?? thread.created_at) * 1000);
    }
  },
};

/** Writes down the metadata of a thread as it is now. A change of metadata is no activity. */
export async function indexThread(database: Database, thread: Thread): Promise<void> {
  const { sequence } = (await findRow(database, 'threads', thread.id, ['sequence']))!;
  const before = await takeRows(database, { thread: sequence });
  await insertRows(database, sequence, thread.metadata, before[0]?.active_at ?? Date.now());
}

const takeRows = prepare((database, given: { thread: number }) =>
  database.deleteFrom('thread_metadata').where('thread', '=', given.thread).returning('active_at'),
);

async function insertRows(
  database: Database,
  thread: number,
  metadata: Metadata | null,
  active_at: number,
): Promise<void> {
  const rows = Object.entries(metadata ?? {}).map(([key, value]) => ({ thread, key, value, active_at }));
  if (rows.length > 0) await database.insertInto('thread_metadata').values(rows).execute();
}

/** Something was said in the thread. */
export async function touchThread(database: Database, id: string): Promise<void> {
  await touch(database, { id, now: Date.now() });
}

const touch = prepare((database, given: { id: string; now: number }) =>
  database
    .updateTable('thread_metadata')
    .set({ active_at: given.now })
    .where('thread', '=', (query) =>
      query.selectFrom('threads').select('sequence').where('id', '=', given.id),
    ),
);

/** Keys of metadata, each with the values that will do. */
export type MetadataFilter = readonly (readonly [key: string, values: readonly string[]])[];

/** A thread in a list, with the time of its newest message in seconds. */
export type ListedThread = Thread & { last_active_at: number };

/**
 * A page of the threads with this metadata, the one that was last active first. Cursors are ids, or the `next` of a page:
 * it holds its place also when the page's last thread has moved to the top meanwhile.
 */
export async function listThreads(
  database: Database,
  [first, ...others]: MetadataFilter,
  page: PageRequest,
): Promise<Page<ListedThread> & { next: string | null }> {
  let list = database
    .selectFrom('thread_metadata as entry')
    .innerJoin('threads', 'threads.sequence', 'entry.thread')
    .where('entry.key', '=', first![0])
    .where('entry.value', 'in', first![1]);
  for (const [key, values] of others) {
    list = list.where(({ exists, selectFrom }) =>
      exists(
        selectFrom('thread_metadata as other')
          .select('other.thread')
          .whereRef('other.thread', '=', 'entry.thread')
          .where('other.key', '=', key)
          .where('other.value', 'in', values),
      ),
    );
  }
  const position = async (cursor: 'after' | 'before', text: string) => {
    const [, id = text, time] = /^(\w+):(\d{1,15})$/.exec(text) ?? [];
    const row = await list
      .select(['entry.active_at', 'entry.thread'])
      .where('threads.id', '=', id)
      .executeTakeFirst();
    if (!row) throw new UnknownCursorError(cursor, id);
    return [time === undefined ? row.active_at : Number(time), row.thread] as const;
  };
  const backwards = page.before !== undefined && page.after === undefined;
  const ascending = (page.order === 'asc') !== backwards;

  let query = list.select(['threads.id', 'threads.body', 'entry.active_at']);
  for (const cursor of ['after', 'before'] as const) {
    const text = page[cursor];
    if (text === undefined) continue;
    const [time, thread] = await position(cursor, text);
    const isLater = (page.order === 'asc') === (cursor === 'after');
    query = query.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('entry.active_at', 'entry.thread'), isLater ? '>' : '<', tuple(time, thread)),
    );
  }
  const direction = ascending ? 'asc' : 'desc';
  const rows = await query
    .orderBy('entry.active_at', direction)
    .orderBy('entry.thread', direction)
    .limit(page.limit + 1)
    .execute();
  const hasMore = rows.length > page.limit;
  const shown = rows.slice(0, page.limit);
  if (backwards) shown.reverse();
  const last = shown.at(-1);
  return {
    object: 'list',
    data: shown.map(({ body, active_at }) => ({
      ...(JSON.parse(body) as Thread),
      last_active_at: Math.floor(active_at / 1000),
    })),
    first_id: shown[0]?.id ?? null,
    last_id: last?.id ?? null,
    has_more: hasMore,
    next: hasMore && last && !backwards ? `${last.id}:${last.active_at}` : null,
  };
}
