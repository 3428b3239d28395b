import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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

describe('limits', () => {
  it.each([
    ['a busy loop', 'print("started")\nwhile True: pass'],
    [
      'a loop that swallows every exception',
      'print("started")\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass',
    ],
    [
      'a regular expression that never ends',
      'import re\nprint("started")\nre.match("(a+)+$", "a" * 60 + "b")',
    ],
  ])('end %s in time', async (_, code) => {
    const session = await withKeptFile(hasty.session('hasty'));
    const result = await session.run(code);
    expect(result).toMatchObject({
      outcome: 'limited',
      logs: 'started\n',
      value: undefined,
      traceback: undefined,
    });
    expect(result.notice).toMatch(/longer than 1.5 seconds/);
    expect(result.duration).toBeLessThan(4_000);
    await expectFilesOnly(session);
  });

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

  it('cut a flood of output and keep the first part', async () => {
    const session = await shared;
    const result = await session.run('for i in range(20_000): print(i, "x" * 500)\nprint("end")\n1');
    expect(result).toMatchObject({ outcome: 'completed', value: '1' });
    expect(result.logs.length).toBeLessThan(70_000);
    expect(result.logs).toMatch(/^0 x+\n1 x+\n/);
    expect(result.logs).toMatch(/\n\[[\d,]+ more bytes of output left out; a run may write 65,536.\]\n$/);
  });

  it('cut a value that has no end', async () => {
    const { value } = await (await shared).run("'y' * 5_000_000");
    expect(value!.length).toBeLessThan(70_000);
    expect(value).toContain('characters left out');
  });

  it('answer too much memory with MemoryError, and Python lives on', async () => {
    const session = await shared;
    await session.run('alive = "yes"');
    expect((await session.run('bytearray(400_000_000)')).traceback).toMatch(/MemoryError$/);
    expect((await session.run("hoard = []\nwhile True: hoard.append('z' * 1_000_000)")).traceback).toMatch(
      /MemoryError/,
    );
    expect((await session.run('del hoard\nalive')).value).toBe("'yes'");
  });

  it('answer too large a file, too much of all and too many with an error in Python', async () => {
    const session = await interpreter.session('disk');
    const big = await session.run("open('big.bin', 'wb').write(b'0' * 2_000_000)");
    expect(big.traceback).toMatch(/OSError: \[Errno 22\]/);
    const fill = await session.run("for i in range(1000):\n  open(f'/tmp/{i}', 'wb').write(b'0' * 900_000)");
    expect(fill.traceback).toMatch(/OSError: \[Errno 51\]/);
    const many = await session.run("for i in range(5000):\n  open(f'/tmp/n{i}', 'wb').close()");
    expect(many.traceback).toMatch(/OSError: \[Errno 51\]/);
    expect((await session.run('1 + 1')).value).toBe('2');
    await session.close();
  });

  it('keep what fits of too many files, with a word about the rest', async () => {
    const session = await interpreter.session('many');
    const result = await session.run("for i in range(30): open(f'f{i:02}', 'w').write('x')");
    expect(result.outcome).toBe('completed');
    expect(result.files).toHaveLength(20);
    expect(result.logs).toContain('there may be 20 files');
    await session.close();
  });

  it('hold for files from outside', async () => {
    const session = await interpreter.session('outside');
    await expect(session.writeFile('big', new Uint8Array(mebibyte + 1))).rejects.toThrow(/1048577 bytes/);
    for (const name of ['a', 'b', 'c']) await session.writeFile(name, new Uint8Array(mebibyte));
    await expect(session.writeFile('d', new Uint8Array(1))).rejects.toThrow(/all files together/);
    await session.writeFile('c', new Uint8Array(10));
    await session.writeFile('d', new Uint8Array(1));
    await session.close();
  });

  it('name the option that makes no sense', () => {
    expect(() => pyodide({ runTimeout: 0 })).toThrow('runTimeout must be at least 1');
    expect(() => pyodide({ memoryLimit: 1_000_000 })).toThrow('memoryLimit must be at least 64 MiB');
  });
});

describe('a signal', () => {
  it('ends a busy run within 100 ms and keeps the files', async () => {
    const session = await withKeptFile();
    const controller = new AbortController();
    let aborted = 0;
    const result = await session.run('print("go")\nwhile True: pass', {
      signal: controller.signal,
      onStdout: () => {
        aborted = performance.now();
        controller.abort();
      },
    });
    expect(performance.now() - aborted).toBeLessThan(100);
    expect(result).toMatchObject({ outcome: 'cancelled', logs: 'go\n', files: [] });
    expect(result.notice).toMatch(/cancelled/);
    await expectFilesOnly(session);
  });

  it('ends a run that waits for its turn, and only that one', async () => {
    const session = await shared;
    const controller = new AbortController();
    const first = session.run('import time\ntime.sleep(0.3)\n"first"');
    const second = session.run('ran = True', { signal: controller.signal });
    controller.abort();
    expect((await second).outcome).toBe('cancelled');
    expect((await first).value).toBe("'first'");
    expect((await session.run("'ran' in globals()")).value).toBe('False');
  });

  it('that is aborted already starts nothing', async () => {
    const result = await (await shared).run('print("no")', { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ outcome: 'cancelled', logs: '' });
  });
});

describe('processes', () => {
  it('that Python ends by itself are replaced', async () => {
    const session = await withKeptFile();
    const result = await session.run('import os\nprint("bye")\nos._exit(3)');
    expect(result).toMatchObject({ outcome: 'limited', logs: 'bye\n' });
    expect(result.notice).toMatch(/Python ended in the middle of the run/);
    await expectFilesOnly(session);
  });

  it('are as many as allowed: the least recently used session gives its own up and keeps its files', async () => {
    const own = pyodide({ maxProcesses: 1, warmProcesses: 0 });
    const [one, two] = [await own.session('1'), await own.session('2')];
    await one.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
    const before = livingProcessIds();
    // Both want the only seat.
    expect(
      (await Promise.all([two.run('"two"'), one.run('import time\ntime.sleep(0.1)'), two.run('2')]))[2]!
        .value,
    ).toBe('2');
    await expectFilesOnly(one);
    expect(livingProcessIds().length).toBe(before.length);
    await own.close();
  });

  it('of idle sessions are freed, and the files stay', async () => {
    const own = pyodide({ idleTimeout: 50, warmProcesses: 0 });
    const before = livingProcessIds().length;
    const session = await own.session('1');
    await session.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
    await vi.waitFor(() => expect(livingProcessIds().length).toBe(before), { timeout: 5_000 });
    await expectFilesOnly(session);
    await own.close();
  });

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

  it('and files are gone when the driver is closed, also in the middle of a run', async () => {
    const before = new Set(livingProcessIds());
    const directories = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith('use-assistant-'));
    const own = pyodide({ warmProcesses: 1 });
    const session = await own.session('1');
    const known = new Set(directories());
    await session.writeFile('a.txt', new Uint8Array(1));
    const mine = directories().filter((name) => !known.has(name));
    expect(mine.length).toBeGreaterThan(0);
    const started = Promise.withResolvers<void>();
    const run = session.run('print(1)\nwhile True: pass', { onStdout: () => started.resolve() });
    await started.promise;
    const processes = livingProcessIds().filter((id) => !before.has(id));
    expect(processes.length).toBeGreaterThan(0);
    await own.close();
    expect(processes.filter(isAlive)).toEqual([]);
    expect(directories().filter((name) => mine.includes(name))).toEqual([]);
    expect((await run).outcome).toBe('cancelled');
    await expect(own.session('2')).rejects.toThrow('The interpreter is closed.');
  });

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
