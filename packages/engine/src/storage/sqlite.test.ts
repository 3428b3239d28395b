import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished, expect, test } from 'vitest';
import { StorageError } from './port.ts';
import { sqlite } from './sqlite.ts';

function parent(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-sqlite-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

test('a folder that a newer version has written to is refused, with what to do', async () => {
  const folder = join(parent(), 'data');
  await (await sqlite(folder).open()).close();
  const database = new DatabaseSync(join(folder, 'engine.db'));
  database
    .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
    .run('2999-01-01-of-tomorrow', new Date().toISOString());
  database.close();
  const error = await sqlite(folder)
    .open()
    .catch((refusal: unknown) => refusal);
  expect(error).toBeInstanceOf(StorageError);
  expect((error as Error).message).toBe(
    `The data folder ${folder} was written by a newer version of the engine. Install that version or a later one, or ` +
      'give this one another folder.',
  );
});

test.skipIf(process.platform === 'win32')(
  'what is made only its user may read, whatever the umask says',
  async () => {
    const top = parent();
    const umask = process.umask(0o002);
    onTestFinished(() => void process.umask(umask));
    const storage = await sqlite(join(top, 'deep', 'data')).open();
    await storage.blobs.put('file-bytes', new Uint8Array(1));
    await storage.blobs.put('file-stream', new Blob(['streamed']).stream());
    const modes = readdirSync(top, { recursive: true, encoding: 'utf8' }).map(
      (path) => `${path} ${modeOf(join(top, path))}`,
    );
    await storage.close();
    expect(modes.toSorted()).toEqual([
      'deep 700',
      'deep/data 700',
      'deep/data/engine.db 600',
      'deep/data/engine.db-shm 600',
      'deep/data/engine.db-wal 600',
      'deep/data/files 700',
      'deep/data/files/file-bytes 600',
      'deep/data/files/file-stream 600',
    ]);
  },
);

test.skipIf(process.platform === 'win32')('a folder that is there keeps its mode', async () => {
  const folder = parent();
  chmodSync(folder, 0o755);
  await (await sqlite(folder).open()).close();
  expect(modeOf(folder)).toBe('755');
});
