import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreterSession } from '../port.ts';
import { expectFilesOnly, processOf, withKeptFile } from '../test-support/conformance.ts';
import { describeParent } from '../test-support/parent.ts';
import { bubblewrap, bubblewrapRefusal } from './bubblewrap.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const interpreter = bubblewrap({ maxProcesses: 3 });
let session: CodeInterpreterSession;

describe.skipIf(bubblewrapRefusal() !== undefined)('a session in bubblewrap', () => {
  beforeAll(async () => {
    session = await interpreter.session('main');
  });
  afterAll(() => interpreter.close());

  it('tells in order what Python, C and other programs write, while they do', async () => {
    const own = await interpreter.session('order');
    const controller = new AbortController();
    // It does not end before all of it was heard.
    const result = await own.run(
      `import ctypes, os, subprocess, sys, time
print("python")
subprocess.run("echo child; echo to stderr >&2", shell=True)
ctypes.CDLL(None).puts(b"from C")
ctypes.CDLL(None).fflush(None)
subprocess.run("echo end; sleep 1000", shell=True)`,
      {
        signal: controller.signal,
        onStdout: (piece) => {
          if (piece.includes('end')) controller.abort();
        },
      },
    );
    expect(result).toMatchObject({ outcome: 'cancelled', logs: expect.stringContaining('to stderr\n') });
    expect(result.logs.replace('to stderr\n', '')).toBe('python\nchild\nfrom C\nend\n');
    await own.close();
  });

  it('keeps output and errors in order also when nobody listens for a while', async () => {
    const own = await interpreter.session('deaf');
    await own.run('None');
    const supervisor = processOf(own).pid!;
    const run = own.run(
      'import sys, time\nprint("go")\ntime.sleep(0.3)\nprint("first", file=sys.stderr)\nprint("second")',
      {
        onStdout: (piece) => {
          if (piece !== 'go\n') return;
          process.kill(supervisor, 'SIGSTOP');
          setTimeout(() => process.kill(supervisor, 'SIGCONT'), 600);
        },
      },
    );
    expect((await run).logs).toBe('go\nfirst\nsecond\n');
    await own.close();
  });

  it('tells what C has in its buffers when the code is at its end', async () => {
    expect((await session.run('import ctypes\nctypes.CDLL(None).printf(b"no newline")\nNone')).logs).toBe(
      'no newline',
    );
  });

  it('ends what the code leaves behind, daemons too', async () => {
    const left = await session.run(
      `import os, subprocess, time
subprocess.Popen(["sleep", "1000"])
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(1000)
    os._exit(0)
os.wait()
time.sleep(0.1)
def living():
    pids = [n for n in os.listdir("/proc") if n.isdigit()]
    return len([n for n in pids if open(f"/proc/{n}/stat").read().rpartition(")")[2].split()[0] != "Z"])
living()`,
    );
    expect(Number(left.value)).toBeGreaterThanOrEqual(4);
    expect((await session.run('living()')).value).toBe('2');
  });

  it('that computes while nobody asks it to loses its process; files stay', async () => {
    const own = await withKeptFile(interpreter.session('restless'));
    const process = processOf(own);
    await own.run(
      'import threading\ndef busy():\n  while True: pass\nthreading.Thread(target=busy, daemon=True).start()',
    );
    expect((await process.ended).reason).toBe('it computes though nobody asks');
    await expectFilesOnly(own);
    await own.close();
  });

  it('whose supervisor ends it while a run is on its way has that run in another', async () => {
    const own = await withKeptFile(interpreter.session('crossed'));
    const supervisor = processOf(own).pid!;
    const [kernel] = childrenOf(supervisor);
    process.kill(supervisor, 'SIGSTOP');
    process.kill(kernel!, 'SIGKILL');
    await vi.waitFor(() => expect(readFileSync(`/proc/${kernel}/stat`, 'utf8')).toMatch(/\) Z /), 20_000);
    const next = expectFilesOnly(own);
    // It wakes up with both before it: the end of the code's process, and the run.
    setImmediate(() => process.kill(supervisor, 'SIGCONT'));
    await expect(next).resolves.toBeUndefined();
    await own.close();
  });

  it('takes a file from outside whatever the code has laid in its place', async () => {
    await session.run(
      `import os
os.symlink("/proc/self/mem", "/mnt/data/memory.csv")
os.symlink("/proc/self/fd/3", "/mnt/data/host.csv")
os.makedirs("/mnt/data/folder.csv/deep", exist_ok=True)
os.symlink("/tmp", "/mnt/data/elsewhere")`,
    );
    const content = new TextEncoder().encode('a,b\n');
    for (const name of ['memory.csv', 'host.csv', 'folder.csv', 'elsewhere/x.csv']) {
      await session.writeFile(name, content);
    }
    const result = await session.run(
      'import os\n[open(n).read() for n in ("memory.csv", "host.csv", "folder.csv", "elsewhere/x.csv")], os.path.exists("/tmp/x.csv")',
    );
    expect(result.value).toBe("(['a,b\\n', 'a,b\\n', 'a,b\\n', 'a,b\\n'], False)");
  });

  it('finds what is written through memory, which leaves no trace on the file', async () => {
    await session.run(
      'import mmap\nopen("map.bin", "wb").write(b"0" * 4096)\nhandle = open("map.bin", "r+b")\nmapping = mmap.mmap(handle.fileno(), 0)\nmapping[0]',
    );
    expect((await session.run('mapping[0]')).files).toEqual([]);
    expect((await session.run('mapping[0:4] = b"1234"')).files).toEqual([{ name: 'map.bin', size: 4096 }]);
    expect(Buffer.from(await session.readFile('map.bin')).toString('utf8', 0, 5)).toBe('12340');
  });

  it('is no worse off for a lie about its results than the code that told it', async () => {
    const own = await interpreter.session('liar');
    const lie = await own.run(
      'import json, os, struct\ndata = json.dumps({"value": "forged", "traceback": 7}).encode()\nos.write(3, struct.pack(">I", len(data)) + data)\nimport time; time.sleep(5)',
    );
    // A traceback that is no text breaks the contract, so the sandbox goes.
    expect(lie.outcome).toBe('limited');
    expect((await own.run('1 + 1')).value).toBe('2');
    await own.close();
  });

  it('cannot keep its supervisor waiting with half an answer, to compute while nobody asks', async () => {
    const own = await withKeptFile(interpreter.session('half'));
    const process = processOf(own);
    await own.run(
      'import os, threading, time\ndef busy():\n  time.sleep(0.2)\n  os.write(3, b"\\0\\0")\n  while True: pass\nthreading.Thread(target=busy, daemon=True).start()',
    );
    expect((await process.ended).reason).toBe('half an answer');
    await expectFilesOnly(own);
    await own.close();
  });

  const hoarders = `import os, select, time
def hoard():
    for _ in range(4):
        if os.fork() == 0:
            hoard = []
            while True:
                try: hoard.append(bytearray(1_000_000))
                except MemoryError: time.sleep(1)
    time.sleep(100)
`;
  it.each([
    [
      'it reads large files',
      'for i in range(80):\n  with open(f"{i}", "wb") as file: file.truncate(50 << 20)\ntime.sleep(0.7)\nhoard()',
      '1',
    ],
    [
      'nobody reads what it has to say',
      'os.write(3, b"\\0\\0\\0\\x02{}")\nselect.select([3], [], [])\nhoard()',
      `# ${'x'.repeat(1_000_000)}`,
    ],
  ])('has its memory counted also while %s', async (_, code, next) => {
    const small = bubblewrap({ memoryLimit: 64 * 2 ** 20, warmProcesses: 0 });
    const own = await withKeptFile(small.session('1'));
    const runs = await Promise.all([own.run(hoarders + code), own.run(next)]);
    expect(runs.map(({ notice }) => notice ?? '').join()).toContain('used too much memory');
    await expectFilesOnly(own);
    await small.close();
  });

  it('leaves the host responsive under a fork bomb', async () => {
    const own = await interpreter.session('bomb');
    const controller = new AbortController();
    const delay = monitorEventLoopDelay({ resolution: 10 });
    await own.run('None');
    const run = own.run('import os\nprint("go")\nwhile True:\n  try: os.fork()\n  except OSError: pass', {
      signal: controller.signal,
      onStdout: () => delay.enable(),
    });
    const bomb = processOf(own).pid!;
    let most = 0;
    await vi.waitFor(
      () => {
        most = Math.max(most, processesBelow(bomb));
        expect(most).toBeGreaterThan(20);
        expect(delay.count).toBeGreaterThan(50);
      },
      { timeout: 30_000 },
    );
    controller.abort();
    delay.disable();
    expect((await run).outcome).toBe('cancelled');
    expect(most).toBeLessThanOrEqual(64 + 2);
    // A host that a bomb hurts stands still for seconds.
    expect(delay.percentile(90) / 1e6).toBeLessThan(1_000);
    await own.close();
  });
});

function childrenOf(id: number): number[] {
  try {
    const children = readFileSync(`/proc/${id}/task/${id}/children`, 'utf8');
    return children.split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** How many processes live in the namespace whose first process this is. */
function processesBelow(id: number): number {
  return childrenOf(id).reduce((sum, child) => sum + processesBelow(child), 1);
}

describe.skipIf(bubblewrapRefusal() !== undefined)('a sandbox', () => {
  describeParent('bubblewrap');
});

describe('bubblewrap()', () => {
  it('says what is missing where it cannot run, and starts nothing', async () => {
    const none = bubblewrap({ python: '/no/such/python3' });
    const reason = bubblewrapRefusal({ python: '/no/such/python3' });
    expect(reason).toMatch(/Python at \/no\/such\/python3|works on Linux only|bwrap is not installed/);
    await expect(none.session('1')).rejects.toThrow(reason);
    await expect(none.warm()).rejects.toThrow(reason);
    await none.close();
  });

  it('names the option that makes no sense', () => {
    expect(() => bubblewrap({ processLimit: 1 })).toThrow('processLimit must be at least 8');
    expect(() => bubblewrap({ python: 'python3' })).toThrow('must be an absolute path');
  });
});
