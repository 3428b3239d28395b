import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FileStore } from './file-store.ts';

it('removes what a process that was killed by force has left behind', async () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = join(tmpdir(), `use-assistant-${pid}-left`);
  const living = join(tmpdir(), `use-assistant-${process.pid}-mine`);
  mkdirSync(left);
  mkdirSync(living, { recursive: true });
  const store = new FileStore({ fileBytes: 10, totalBytes: 15, files: 2 });
  await store.write('a', new Uint8Array(10));
  expect(existsSync(left)).toBe(false);
  expect(existsSync(living)).toBe(true);
  rmSync(living, { recursive: true });
  await store.close();
});

it('counts what is replaced and what is removed', async () => {
  const store = new FileStore({ fileBytes: 10, totalBytes: 15, files: 2 });
  expect(await store.write('a', new Uint8Array(10))).toBeUndefined();
  expect(await store.write('b', new Uint8Array(6))).toMatch(/all files together/);
  expect(await store.write('a', new Uint8Array(5))).toBeUndefined();
  expect(await store.write('b', new Uint8Array(6))).toBeUndefined();
  expect(await store.write('c', new Uint8Array(1))).toMatch(/there may be 2 files/);
  await store.remove('a');
  expect(await store.write('c', new Uint8Array(9))).toBeUndefined();
  expect(store.list()).toEqual([
    { name: 'b', size: 6 },
    { name: 'c', size: 9 },
  ]);
  await store.close();
});

it('holds what it held when a write fails, and its room is free again', async () => {
  const mine = () => readdirSync(tmpdir()).filter((name) => name.startsWith(`use-assistant-${process.pid}-`));
  const others = new Set(mine());
  const store = new FileStore({ fileBytes: 10, totalBytes: 15, files: 2 });
  await store.write('a', new Uint8Array(5));
  const directory = join(
    tmpdir(),
    mine().find((name) => !others.has(name))!,
  );
  rmSync(directory, { recursive: true });
  await expect(store.write('b', new Uint8Array(10))).rejects.toThrow('ENOENT');
  await expect(store.write('a', new Uint8Array(9))).rejects.toThrow('ENOENT');
  expect(store.list()).toEqual([{ name: 'a', size: 5 }]);
  mkdirSync(directory);
  expect(await store.write('b', new Uint8Array(10))).toBeUndefined();
  await store.close();
});
