import { mkdtempSync, rmSync } from 'node:fs';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof fs>();
  return { ...real, writeFileSync: vi.fn(real.writeFileSync), statfsSync: vi.fn(real.statfsSync) };
});

const folder = mkdtempSync(join(tmpdir(), 'use-assistant-data-'));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// @ts-expect-error The scripts are plain JavaScript: they run before anything is installed.
const { prepareDataFolder } = await import('./data-folder.mjs');

it('makes the folder and leaves nothing in it', () => {
  prepareDataFolder(join(folder, 'a', 'b'));
  expect(fs.readdirSync(join(folder, 'a', 'b'))).toEqual([]);
});

it('says that the disk is full when the first write fails', () => {
  vi.mocked(fs.writeFileSync).mockImplementationOnce(() => {
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  });
  expect(() => prepareDataFolder(folder)).toThrow(
    `Cannot keep data in ${folder}: the disk is full. Free some space, or name another folder in ASSISTANT_DATA.`,
  );
});

it('says how much is free when that is too little', () => {
  vi.mocked(fs.statfsSync).mockReturnValueOnce({ bavail: 256, bsize: 4096 } as fs.StatsFs);
  expect(() => prepareDataFolder(folder)).toThrow('only 1 MB are free on that disk and it needs 64');
});
