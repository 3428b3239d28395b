import { expect, test } from 'vitest';
import { openLog, storeRun } from '../test-support/run-log.ts';
import { prepare } from './prepared.ts';
import { findRow, updateRow } from './rows.ts';

test('a prepared query takes the values of each call and keeps its own', async () => {
  const { database, close } = await openLog();
  const find = prepare((database, given: { thread: string; before: number }) =>
    database
      .selectFrom('runs')
      .select('id')
      .where('thread_id', '=', given.thread)
      .where('created_at', '<', given.before)
      .where('status', '=', 'in_progress')
      .limit(1),
  );
  const [one, other] = [await storeRun(database), await storeRun(database)];
  const before = one.created_at + 1000;
  expect(await find(database, { thread: one.thread_id, before })).toEqual([{ id: one.id }]);
  expect(await find(database, { thread: other.thread_id, before })).toEqual([{ id: other.id }]);
  expect(await find(database, { before: 0, thread: other.thread_id })).toEqual([]);
  await database.transaction().execute(async (transaction) => {
    await updateRow(transaction, 'runs', other.id, { status: 'failed' });
    expect(await find(transaction, { thread: other.thread_id, before })).toEqual([]);
  });
  await close();
});

test('a row changes in the columns that are given, one that is set to null among them, and in no others', async () => {
  const { database, close } = await openLog();
  const [one, other] = [await storeRun(database), await storeRun(database)];
  await updateRow(database, 'runs', one.id, { status: 'queued' });
  await updateRow(database, 'runs', one.id, { owner: null, status: 'failed' });
  await updateRow(database, 'runs', 'run_unknown', { owner: 'nobody' });
  const columns: ('owner' | 'status')[] = ['owner', 'status'];
  expect(await findRow(database, 'runs', one.id, columns)).toEqual({ owner: null, status: 'failed' });
  expect(await findRow(database, 'runs', other.id, columns)).toEqual({
    owner: 'engine_test',
    status: 'in_progress',
  });
  expect(await findRow(database, 'runs', 'run_unknown', columns)).toBeUndefined();
  await close();
});
