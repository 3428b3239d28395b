import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine } from '../test-support/start-engine.ts';

test.each(['memory', 'folder'])('a range of a file is read alone, from the %s', async (kind) => {
  const folder = await mkdtemp(join(tmpdir(), 'use-assistant-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { openai } = startEngine({ storage: sqlite(kind === 'memory' ? ':memory:' : folder) });
  const { id } = await openai.files.create({
    file: new File(['0123456789'], 'a.txt'),
    purpose: 'assistants',
  });
  const read = async (range?: string) => {
    const response = await openai.files.content(id, range === undefined ? {} : { headers: { range } });
    const { headers } = response;
    return [
      response.status,
      headers.get('content-range'),
      headers.get('content-length'),
      await response.text(),
    ];
  };
  expect(await read('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '3', '234']);
  expect(await read('bytes=0-0')).toEqual([206, 'bytes 0-0/10', '1', '0']);
  expect(await read('bytes=0-9')).toEqual([206, 'bytes 0-9/10', '10', '0123456789']);
  for (const range of [undefined, 'bytes=5-', 'bytes=-2', 'bytes=5-10', 'bytes=5-4', 'bytes=0-1,3-4', 'x']) {
    expect([range, await read(range)]).toEqual([range, [200, null, '10', '0123456789']]);
  }
});
