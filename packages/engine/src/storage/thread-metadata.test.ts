import { Kysely, sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Thread } from '../wire.ts';
import { insertThread } from './records.ts';
import { sqlite } from './sqlite.ts';
import { listThreads, threadMetadataMigration } from './thread-metadata.ts';

const thread = (id: string, metadata: Record<string, string>): Thread => ({
  id,
  object: 'thread',
  created_at: 1_700_000_000,
  metadata,
  tool_resources: {},
});
const page = { limit: 20, order: 'desc' } as const;

test('threads of a database that knew no list are found after the migration', async () => {
  const { database, close } = await sqlite(':memory:').open();
  for (const id of ['thread_a', 'thread_b']) await insertThread(database, thread(id, { owner: 'me' }));
  await database.schema.dropTable('thread_metadata').execute();
  await threadMetadataMigration.up(database as unknown as Kysely<unknown>);
  const { data } = await listThreads(database, [['owner', ['me']]], page);
  expect(data.map(({ id, last_active_at }) => [id, last_active_at])).toEqual([
    ['thread_b', 1_700_000_000],
    ['thread_a', 1_700_000_000],
  ]);
  await close();
});

test('one owner is read from the index in order: nobody else’s threads are looked at, and nothing is sorted', async () => {
  const { database, close } = await sqlite(':memory:').open();
  const seen: string[] = [];
  const watched = database.withPlugin({
    transformQuery({ node }) {
      seen.push(database.getExecutor().compileQuery(node as never, { queryId: 'x' }).sql);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  await listThreads(watched, [['owner', ['me']]], page);
  const parameters = ['owner', 'me', 21];
  const plan = await database.executeQuery<{ detail: string }>({
    ...sql`x`.compile(database),
    sql: `explain query plan ${seen.at(-1)}`,
    parameters,
  });
  const details = plan.rows.map(({ detail }) => detail).join('\n');
  expect(details).toContain('SEARCH entry USING COVERING INDEX threads_by_metadata');
  expect(details).not.toMatch(/SCAN|TEMP B-TREE/);
  await close();
});
