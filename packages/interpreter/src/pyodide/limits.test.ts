import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { expectFilesOnly, processOf, withKeptFile } from '../test-support/conformance.ts';
import { describeParent } from '../test-support/parent.ts';
import { requireNode26 } from './locate.ts';
import { toSettings } from './options.ts';
import { toBootMessage } from './pyodide-starter.ts';
import { pyodide } from './pyodide.ts';
import { findSnapshot, snapshotName } from './snapshot.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const mebibyte = 2 ** 20;
const interpreter = pyodide({
  memoryLimit: 128 * mebibyte,
  outputLimit: 1_000,
  fileSizeLimit: mebibyte,
  totalSizeLimit: 3 * mebibyte,
  fileCountLimit: 20,
  maxProcesses: 2,
});
const hasty = pyodide({ runTimeout: 1_500, warmProcesses: 1, packages: false });
const shared = interpreter.session('shared');
afterAll(() => Promise.all([interpreter.close(), hasty.close()]));

describe('files', () => {
  it('sent without end by a child that cheats end its run, and what is on the disk stays within the limits', async () => {
    const session = await interpreter.session('cheat');
    const result = await session.run(`import json, struct, pyodide_js
from pyodide.ffi import to_js
stream = to_js({"nfd": 1}, dict_converter=pyodide_js.constructor.fromEntries)
head = json.dumps({"type": "file", "id": 1, "name": "x"}).encode()
data = struct.pack(">II", len(head), 2**20 + 1) + head + bytes(2**20)
while True: pyodide_js.FS.filesystems.NODEFS.stream_ops.write(stream, to_js(data), 0, len(data), None)`);
    expect(result).toMatchObject({ outcome: 'limited', notice: expect.stringContaining('too many files') });
    expect(await session.listFiles()).toEqual([{ name: 'x', size: 2 ** 20 }]);
    await session.close();
  });
});

it('messages without end from a child that cheats end its run, whatever they are', async () => {
  const session = await interpreter.session('chatter');
  const result = await session.run(`import json, struct, pyodide_js
from pyodide.ffi import to_js
stream = to_js({"nfd": 1}, dict_converter=pyodide_js.constructor.fromEntries)
head = json.dumps({"type": "cut", "id": 1}).encode()
data = to_js((struct.pack(">II", len(head), 0) + head) * 1000)
while True: pyodide_js.FS.filesystems.NODEFS.stream_ops.write(stream, data, 0, data.length, None)`);
  expect(result.outcome).toBe('limited');
  expect(result.notice).not.toContain('longer than');
  expect((await session.run('1 + 1')).value).toBe('2');
  await session.close();
});

const leaveBusy =
  'import asyncio\ndef busy():\n  while True: pass\nasyncio.get_event_loop().call_later(0.01, busy)';

describe('processes', () => {
  it.runIf(process.platform === 'linux')(
    'that compute while nobody asks them to are ended; files stay',
    async () => {
      const session = await withKeptFile(shared);
      const process = processOf(session);
      await session.run(leaveBusy);
      expect((await process.ended).killed).toBe(true);
      await expectFilesOnly(session);
    },
  );

  it.runIf(process.platform === 'linux')(
    'that compute when a run comes, and do not let it begin, give it to another',
    async () => {
      const session = await withKeptFile(shared);
      const process = processOf(session);
      const before = await process.computed();
      await session.run(leaveBusy);
      await vi.waitFor(async () => expect(await process.computed()).toBeGreaterThan(before! + 0.5), 20_000);
      await expectFilesOnly(session);
    },
  );

  it('start without a snapshot where none can be kept', async () => {
    expect(await findSnapshot(toBootMessage(toSettings({})), '/dev/null/nowhere')).toBeUndefined();
  });

  it('start the slow way when the snapshot is spoilt, and drop it', async () => {
    const cacheDir = mkdtempSync(join(tmpdir(), 'spoilt-'));
    const path = join(cacheDir, await snapshotName(toBootMessage(toSettings({}))));
    writeFileSync(path, 'not a snapshot');
    const own = pyodide({ cacheDir, warmProcesses: 0 });
    expect((await (await own.session('1')).run('20 + 3')).value).toBe('23');
    expect(existsSync(path)).toBe(false);
    await own.close();
    rmSync(cacheDir, { recursive: true });
  });

  it('need Node 26', () => {
    expect(() => requireNode26('24.21.0')).toThrow('needs Node 26 or newer');
    expect(() => requireNode26('26.0.0')).not.toThrow();
  });
});

describeParent('pyodide');
