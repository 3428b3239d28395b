import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { insertFile } from '../storage/records.ts';
import { until } from '../test-support/start-engine.ts';
import { nowSeconds, type FileObject } from '../wire.ts';
import { FileKeeper } from './file-keeper.ts';

async function open() {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  const storage = await sqlite(':memory:').open();
  const errors: unknown[] = [];
  const keeper = new FileKeeper(storage.database, storage.blobs, (error) => errors.push(error));
  onTestFinished(async () => {
    vi.useRealTimers();
    await keeper.close();
    await storage.close();
  });
  const add = async (id: string, lifetime: number) => {
    const now = nowSeconds();
    const file: FileObject = {
      id,
      object: 'file',
      bytes: 1,
      created_at: now,
      filename: 'x',
      purpose: 'assistants',
      status: 'processed',
      expires_at: now + lifetime,
    };
    await storage.blobs.put(id, new Uint8Array(1));
    await insertFile(storage.database, file);
    keeper.watch(now + lifetime);
  };
  const list = async () => {
    const rows = await storage.database.selectFrom('files').select('id').orderBy('sequence').execute();
    return rows.map(({ id }) => id);
  };
  return { ...storage, keeper, errors, add, list };
}

test('each file goes at its own time, however far away and in whatever order they came', async () => {
  const { add, list } = await open();
  // Further away than a timer can wait.
  await add('file-c', 30 * 86_400);
  await add('file-a', 3600);
  await add('file-b', 7200);
  for (const [seconds, left] of [
    [3599, ['file-c', 'file-a', 'file-b']],
    [2, ['file-c', 'file-b']],
    [3600, ['file-c']],
    [26 * 86_400, ['file-c']],
    [4 * 86_400, []],
  ] as const) {
    vi.advanceTimersByTime(seconds * 1000);
    await until(async () => {
      // What a sweep arms anew is due at once.
      vi.advanceTimersByTime(1);
      return (await list()).length === left.length;
    });
    expect(await list()).toEqual(left);
  }
});

test('a sweep that fails is told and tried again', async () => {
  const { add, list, errors, blobs } = await open();
  await add('file-a', 3600);
  vi.spyOn(blobs, 'remove').mockRejectedValueOnce(new Error('The disk is away.'));
  await add('file-b', 3600);
  vi.advanceTimersByTime(3_601_000);
  await until(() => errors.length === 1);
  expect(await list()).toEqual(['file-b']);
  await until(async () => {
    vi.advanceTimersByTime(1000);
    return (await list()).length === 0;
  });
  expect(errors).toHaveLength(1);
});
