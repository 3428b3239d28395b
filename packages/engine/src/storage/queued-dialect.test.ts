import { Kysely, sql } from 'kysely';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { expect, it } from 'vitest';
import { QueuedSqliteDialect } from './queued-dialect.ts';

function open(): Kysely<unknown> {
  const connection = new DatabaseSync(':memory:');
  return new Kysely({
    dialect: new QueuedSqliteDialect({
      close: () => connection.close(),
      prepare(query) {
        const statement = connection.prepare(query);
        return {
          reader: statement.columns().length > 0,
          all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
          run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
          iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
        };
      },
    }),
  });
}

it('serves whoever came first, one after the other, also when one of them fails', async () => {
  const database = open();
  const order: string[] = [];
  const work = Array.from({ length: 20 }, (_, index) =>
    database.transaction().execute(async (transaction) => {
      order.push(`begin ${index}`);
      await sql`select 1`.execute(transaction);
      await new Promise(setImmediate);
      order.push(`end ${index}`);
      if (index % 3 === 0) throw new Error('No');
      return index;
    }),
  );
  const query = sql<{ one: number }>`select 1 as one`.execute(database);
  const results = await Promise.allSettled(work);
  expect(order).toEqual(Array.from({ length: 20 }, (_, index) => [`begin ${index}`, `end ${index}`]).flat());
  expect(results.map(({ status }) => status === 'rejected')).toEqual(
    Array.from({ length: 20 }, (_, index) => index % 3 === 0),
  );
  expect((await query).rows).toEqual([{ one: 1 }]);
  await database.destroy();
});
