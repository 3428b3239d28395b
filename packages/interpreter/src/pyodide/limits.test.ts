import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreterSession } from '../port.ts';
import { requireNode26 } from './locate.ts';
import { toSettings } from './options.ts';
import { toBootMessage } from './pyodide-starter.ts';
import { pyodide } from './pyodide.ts';
import { livingProcessIds } from './sandbox-process.ts';
import { findSnapshot, snapshotName } from './snapshot.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const mebibyte = 2 ** 20;
const interpreter = pyodide({
  memoryLimit: 128 * mebibyte,
  fileSizeLimit: mebibyte,
  totalSizeLimit: 3 * mebibyte,
  fileCountLimit: 20,
  maxProcesses: 2,
});
const hasty = pyodide({ runTimeout: 1_500, warmProcesses: 1, packages: false });
const shared = interpreter.session('shared');
afterAll(() => Promise.all([interpreter.close(), hasty.close()]));

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** What a run that ended with its process leaves: the files from before, and a Python that works. */
async function expectFilesOnly(session: CodeInterpreterSession): Promise<void> {
  const next = await session.run("print(open('kept.txt').read())\nvariable");
  expect(next.logs).toBe('kept\n');
  expect(next.traceback).toMatch(/NameError: .*\nPython was restarted since an earlier run/);
}

async function withKeptFile(of = shared): Promise<CodeInterpreterSession> {
  const session = await of;
  await session.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
  return session;
}

describe('files', () => {
  it('keep files that a run had finished before it was ended, and what was there of others', async () => {
    const session = await hasty.session('files');
    await session.writeFile('before.txt', new TextEncoder().encode('before'));
    const result = await session.run(`open('done.txt', 'w').write('done')
half = open('half.txt', 'w')
half.write('half')
open('before.txt', 'a').close()
while True: pass`);
    expect(result).toMatchObject({ outcome: 'limited', files: [{ name: 'done.txt', size: 4 }] });
    expect((await session.listFiles()).map(({ name }) => name)).toEqual(['before.txt', 'done.txt']);
    expect((await session.run("open('before.txt').read() + open('done.txt').read()")).value).toBe(
      "'beforedone'",
    );
    await session.close();
  });

  it('forget files that a long run makes and removes again', async () => {
    const session = await shared;
    const result = await session.run(`import os, time
open('passing.txt', 'w').write('x')
start = time.time()
while time.time() - start < 1.2: pass
os.remove('passing.txt')`);
    expect(result).toMatchObject({ outcome: 'completed', files: [] });
    expect((await session.listFiles()).map(({ name }) => name)).not.toContain('passing.txt');
  });
});

describe('processes', () => {
  it.runIf(process.platform === 'linux')(
    'that compute while nobody asks them to are ended; files stay',
    async () => {
      const session = await withKeptFile();
      const before = new Set(livingProcessIds());
      await session.run(
        'import asyncio\ndef busy():\n  while True: pass\nasyncio.get_event_loop().call_later(0.01, busy)',
      );
      const own = livingProcessIds().filter((id) => before.has(id));
      await vi.waitFor(() => expect(own.every(isAlive)).toBe(false), { timeout: 30_000, interval: 100 });
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

describe('the parent', () => {
  const program = join(dirname(fileURLToPath(import.meta.url)), 'test-support', 'outlive.ts');
  const start = (how: string) => {
    const child = spawn(process.execPath, ['--conditions=@use-assistant/source', program, how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const said = Promise.withResolvers<number[]>();
    const exited = Promise.withResolvers<number | null>();
    child.stdout.once('data', (data: Buffer) => said.resolve(JSON.parse(data.toString()) as number[]));
    child.once('exit', (code) => exited.resolve(code));
    return { child, said: said.promise, exited: exited.promise };
  };

  it('is not kept alive by processes without work, and takes them along', async () => {
    const { said, exited } = start('idle');
    const processes = await said;
    expect(processes.length).toBeGreaterThan(0);
    expect(await exited).toBe(0);
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 5_000 });
  });

  it('that is killed takes even a busy Python along', async () => {
    const { child, said } = start('busy');
    const processes = await said;
    expect(processes.length).toBeGreaterThan(0);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]), { timeout: 5_000 });
  });
});
