import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreter, CodeInterpreterSession } from '../port.ts';
import type { SessionLimits } from '../sessions/limits.ts';
import type { PythonProcess } from '../sessions/python-process.ts';
import type { PythonSession } from '../sessions/session.ts';

/** A driver that promises to behave like every other. */
export interface Subject {
  create(limits?: SessionLimits): CodeInterpreter;
  /** The processes of all sessions of this driver. */
  livingProcessIds(): number[];
  /** Ends what the session's code runs in as a crash would: behind the driver's back. */
  crash(session: CodeInterpreterSession): void;
  /** Whether what a run has written is out of reach once the run was ended by force. @default false */
  losesFilesOfEndedRuns?: boolean;
  /**
   * Whether its Python is another driver's, which is held to all of this itself. Then what is long and Python's alone
   * is left out. @default false
   */
  isSeam?: boolean;
}

const mebibyte = 2 ** 20;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

export function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}

/** The local process that the session's code runs in. */
export function processOf(session: CodeInterpreterSession): PythonProcess {
  const { process } = session as PythonSession;
  if (process === undefined) throw new Error('The session has no process.');
  return process;
}

export function crashProcess(session: CodeInterpreterSession): void {
  process.kill(processOf(session).pid!, 'SIGKILL');
}

/** What a run that ended with its process leaves: the files from before, and a Python that works. */
export async function expectFilesOnly(session: CodeInterpreterSession): Promise<void> {
  const next = await session.run("print(open('kept.txt').read())\nvariable");
  expect(next.logs).toBe('kept\n');
  expect(next.traceback).toMatch(/NameError: .*\nPython was restarted since an earlier run/);
}

export async function withKeptFile(
  of: CodeInterpreterSession | Promise<CodeInterpreterSession>,
): Promise<CodeInterpreterSession> {
  const session = await of;
  await session.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
  return session;
}

/** What every driver must do, whatever Python it runs and wherever that runs. */
export function describeConformance(subject: Subject): void {
  const { create, livingProcessIds, crash, losesFilesOfEndedRuns = false, isSeam = false } = subject;
  // A first start on a busy machine may take some seconds of computing.
  vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

  let interpreter: CodeInterpreter;
  let small: CodeInterpreter;
  let session: CodeInterpreterSession;
  let count = 0;
  const fresh = (): Promise<CodeInterpreterSession> => interpreter.session(`fresh-${(count += 1)}`);

  beforeAll(async () => {
    interpreter = create();
    small = create({
      memoryLimit: 128 * mebibyte,
      fileSizeLimit: mebibyte,
      totalSizeLimit: 3 * mebibyte,
      fileCountLimit: 20,
      maxProcesses: 2,
    });
    session = await interpreter.session('main');
    await session.run('None');
  });
  afterAll(() => Promise.all([interpreter.close(), small.close()]));

  /** Waits for the processes that start ahead of need, whose numbers may change until they stand. */
  const allStand = () => Promise.all([interpreter.warm?.(), small.warm?.()]);

  describe('a run', () => {
    it('answers with the output and the value of the last expression', async () => {
      const result = await session.run('print("hello")\n6 * 7');
      expect(result).toMatchObject({
        outcome: 'completed',
        logs: 'hello\n',
        value: '42',
        traceback: undefined,
        notice: undefined,
      });
    });

    it('has no value when the last expression is None or a statement', async () => {
      expect((await session.run('print(1)')).value).toBeUndefined();
      expect((await session.run('y = 3')).value).toBeUndefined();
    });

    it('keeps variables, functions and imports for the next one', async () => {
      await session.run('import math\nradius = 2\ndef area(): return math.pi * radius ** 2');
      expect((await session.run('round(area(), 2)')).value).toBe('12.57');
    });

    it('tells output and errors in the order in which they were written, while it runs', async () => {
      const other = await fresh();
      const heard: [string, string][] = [];
      const controller = new AbortController();
      // It does not end before all of it was heard.
      const result = await other.run(
        'import sys, time\nprint("one")\nprint("two", file=sys.stderr)\nprint("three")\ntime.sleep(1000)',
        {
          signal: controller.signal,
          onStdout: (piece) => {
            heard.push(['out', piece]);
            if (piece.includes('three')) controller.abort();
          },
          onStderr: (piece) => heard.push(['err', piece]),
        },
      );
      expect(heard).toEqual([
        ['out', 'one\n'],
        ['err', 'two\n'],
        ['out', 'three\n'],
      ]);
      expect(result).toMatchObject({ outcome: 'cancelled', logs: 'one\ntwo\nthree\n' });
      await other.close();
    });

    it('says every second that it is at work, also when it prints nothing', async () => {
      const elapsed: number[] = [];
      const long = await session.run('import time\ntime.sleep(1.3)', {
        onAlive: (progress) => elapsed.push(progress.elapsed),
      });
      expect(long.outcome).toBe('completed');
      expect(elapsed[0]).toBeGreaterThanOrEqual(999);
      const before = elapsed.length;
      await session.run('1', { onAlive: (progress) => elapsed.push(progress.elapsed) });
      expect(elapsed.length).toBe(before);
    });

    it('prints every language, and bytes that are no text', async () => {
      expect((await session.run('print("Ærø 数据 🐍 ́")\n"🐍"')).logs).toBe('Ærø 数据 🐍 ́\n');
      const lone = await session.run(
        'print("a\\udc80b")\nimport sys\nsys.stdout.buffer.write(b"\\xff!\\n")\nNone',
      );
      expect(lone.outcome).toBe('completed');
      expect(lone.logs).toMatch(/^a.+b\n\ufffd!\n$/);
      expect((await session.run('raise ValueError("half \\ud83d")')).traceback!.isWellFormed()).toBe(true);
      await session.run('sys.stdout.buffer.write(b"\\xe2\\x82")\nsys.stdout.flush()');
      expect((await session.run('print("whole")')).logs).toBe('whole\n');
    });

    it('awaits at the top level and runs asyncio', async () => {
      const result = await session.run(
        'import asyncio\nasync def double(x):\n    await asyncio.sleep(0.01)\n    return 2 * x\nprint(asyncio.run(double(4)))\nawait double(21)',
      );
      expect(result).toMatchObject({ outcome: 'completed', logs: '8\n', value: '42' });
    });

    it('tells a traceback that begins in the code, with its lines, and goes on afterwards', async () => {
      const result = await session.run('kept = 1\ndef divide(a, b):\n    return a / b\n\ndivide(1, 0)');
      expect(result.outcome).toBe('failed');
      expect(result.traceback).toMatch(
        /^Traceback \(most recent call last\):\n {2}File "<cell \d+>", line 5, in <module>\n {4}divide\(1, 0\)/,
      );
      expect(result.traceback).toMatch(/ZeroDivisionError: division by zero$/);
      expect(result.traceback).not.toMatch(/_cells|evaluate|pyodide|<string>/);
      expect((await session.run('kept')).value).toBe('1');
    });

    it('tells a syntax error with the place', async () => {
      const result = await session.run('a = 1\nprint("x"');
      expect(result.outcome).toBe('failed');
      expect(result.traceback).toMatch(/line 2\n {4}print\("x"\n.*\^\nSyntaxError: '\(' was never closed$/s);
      expect(result.traceback).not.toMatch(/_cells|<string>/);
    });

    it('says that a module which is not here cannot be had', async () => {
      const { traceback } = await session.run('import no_such_module.part');
      expect(traceback).toMatch(/ModuleNotFoundError: No module named 'no_such_module'/);
      expect(traceback).toMatch(/no_such_module is not available here/);
    });

    it('ends with sys.exit and exit() without ending Python', async () => {
      await session.run('before = 5');
      expect(await session.run('import sys\nprint("a")\nsys.exit()\nprint("b")')).toMatchObject({
        outcome: 'completed',
        logs: 'a\n',
      });
      expect(await session.run('exit("went wrong")')).toMatchObject({
        outcome: 'failed',
        traceback: 'SystemExit: went wrong',
      });
      expect((await session.run('before')).value).toBe('5');
    });

    it('outlives a task that fails with nobody waiting', async () => {
      await session.run(
        'import asyncio\nhere = 1\nasync def fail():\n    raise ValueError("alone")\ntask = asyncio.ensure_future(fail())\nawait asyncio.sleep(0.05)',
      );
      expect((await session.run('here')).value).toBe('1');
    });

    it('has no standard input', async () => {
      expect((await session.run('input("name? ")')).traceback).toMatch(/EOFError/);
    });

    it.skipIf(isSeam).each([
      ['closes its output', 'import sys; sys.stdout.close(); sys.stderr.close()'],
      ['closes what lies below', 'import os; os.close(1); os.close(2)'],
      [
        'leads it elsewhere',
        'import os; nowhere = os.open("/dev/null", os.O_WRONLY); os.dup2(nowhere, 1); os.dup2(nowhere, 2)',
      ],
      ['detaches it', 'import sys; sys.stdout.detach()'],
      ['puts nothing in its place', 'import sys; sys.stdout = sys.stderr = None'],
      [
        'removes what the driver has put there',
        'import os, builtins; del builtins.exit, builtins.quit; os.chdir("/")',
      ],
    ])('that %s leaves the next one all it needs', async (_, code) => {
      const other = await fresh();
      await other.run(code);
      const next =
        'import os, sys\nprint("heard")\nprint("too", file=sys.stderr)\nprint(os.getcwd())\nexit()';
      expect(await other.run(next)).toMatchObject({ outcome: 'completed', logs: 'heard\ntoo\n/mnt/data\n' });
      await other.close();
    });

    it.skipIf(isSeam)('has another random sequence in every session', async () => {
      const draws = await Promise.all(
        [await fresh(), await fresh()].map(async (other) => {
          const { value } = await other.run(
            'import random, uuid\n(random.random(), str(uuid.uuid4()), hash("seed"))',
          );
          await other.close();
          return value;
        }),
      );
      expect(draws[0]).not.toBe(draws[1]);
    });
  });

  describe('files', () => {
    it('are read from and written to /mnt/data, text and bytes and any language', async () => {
      const binary = Uint8Array.from({ length: 256 }, (_, index) => index);
      await session.writeFile('tall ø 数据.csv', bytes('a,b\n1,2\n'));
      await session.writeFile('/mnt/data/deep/all.bin', binary);
      const result = await session.run(
        `import os
rows = open('tall ø 数据.csv', encoding='utf-8').read()
data = open('/mnt/data/deep/all.bin', 'rb').read()
open('ut é.txt', 'w', encoding='utf-8').write(rows.upper() + 'ß')
os.makedirs('out', exist_ok=True)
open('out/reversed.bin', 'wb').write(data[::-1])
os.getcwd()`,
      );
      expect(result).toMatchObject({ outcome: 'completed', value: "'/mnt/data'" });
      expect(result.files).toEqual([
        { name: 'out/reversed.bin', size: 256 },
        { name: 'ut é.txt', size: 10 },
      ]);
      expect(text(await session.readFile('ut é.txt'))).toBe('A,B\n1,2\nß');
      expect([...(await session.readFile('/mnt/data/out/reversed.bin'))]).toEqual([...binary].toReversed());
      expect((await session.listFiles()).map(({ name }) => name)).toContain('deep/all.bin');
    });

    it('of many megabytes come and go whole', async () => {
      const other = await fresh();
      const sent = new Uint8Array(8 * mebibyte).map((_, index) => (index * 31) >> 3);
      await other.writeFile('big.bin', sent);
      const result = await other.run(
        "data = open('big.bin', 'rb').read()\nopen('back.bin', 'wb').write(data[::-1])\nlen(data)",
      );
      expect(result.value).toBe(String(sent.length));
      expect(Buffer.from(await other.readFile('back.bin')).equals(Buffer.from(sent.toReversed()))).toBe(true);
      await other.close();
    });

    it('are reported when created, changed, renamed or appended to, and only then', async () => {
      const other = await fresh();
      await other.writeFile('in.txt', bytes('in'));
      expect((await other.run("open('in.txt').read()\nopen('a.txt', 'w').write('1')")).files).toEqual([
        { name: 'a.txt', size: 1 },
      ]);
      expect((await other.run("open('a.txt').read()")).files).toEqual([]);
      expect((await other.run("open('a.txt', 'a').write('2')")).files).toEqual([{ name: 'a.txt', size: 2 }]);
      // The same size and an old time: only a look at the writing finds it.
      expect(
        (await other.run("import os\nopen('a.txt', 'r+').write('3')\nos.utime('a.txt', (0, 0))")).files,
      ).toEqual([{ name: 'a.txt', size: 2 }]);
      expect(text(await other.readFile('a.txt'))).toBe('32');
      expect((await other.run("os.rename('a.txt', 'b.txt')\nos.remove('in.txt')")).files).toEqual([
        { name: 'b.txt', size: 2 },
      ]);
      expect(await other.listFiles()).toEqual([{ name: 'b.txt', size: 2 }]);
      await other.close();
    });

    it.skipIf(isSeam)('from outside take the place of what the code has put there', async () => {
      const other = await fresh();
      await other.run(`import os
os.makedirs('d')
os.makedirs('folder.txt/deep')
open('folder.txt/deep/x', 'w').write('code')
os.symlink('/tmp', 'elsewhere')
os.symlink('/tmp', 'link.txt')
for name in ('f.txt', 'parent'): open(name, 'w').write('code')`);
      const names = ['f.txt', 'd/g.txt', 'folder.txt', 'elsewhere/x.txt', 'link.txt', 'parent/x.txt'];
      for (const name of names) await other.writeFile(name, bytes(name));
      const read = await other.run(
        `all(open(n).read() == n for n in ${JSON.stringify(names)}), os.path.exists('/tmp/x.txt')`,
      );
      expect(read).toMatchObject({ outcome: 'completed', value: '(True, False)' });
      await other.close();
    });

    it('are whole even when the code forgot to close them', async () => {
      expect((await session.run("left = open('left.txt', 'w')\nleft.write('open')\nNone")).files).toEqual([
        { name: 'left.txt', size: 4 },
      ]);
    });

    it('are images when both their name and their bytes say so', async () => {
      const result = await session.run(
        "open('real.png', 'wb').write(b'\\x89PNG\\r\\n\\x1a\\n' + b'0' * 20)\nopen('fake.png', 'w').write('<html>')\nopen('v.svg', 'w').write('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')\nNone",
      );
      expect(result.files.map(({ name }) => name)).toEqual(['fake.png', 'real.png', 'v.svg']);
      expect(result.images.map(({ name }) => name)).toEqual(['real.png', 'v.svg']);
    });

    it.each([
      '',
      '..',
      '../x',
      'a/../../x',
      '/etc/passwd',
      '/mnt/data/',
      'a\u0000b',
      'a\\b',
      'x\n',
      'y'.repeat(300),
    ])('are refused under the name %j', async (name) => {
      await expect(session.writeFile(name, bytes('x'))).rejects.toThrow(RangeError);
      await expect(session.readFile(name)).rejects.toThrow(RangeError);
    });

    it('with names that would mislead are left in the sandbox, with a word about it', async () => {
      const result = await session.run(
        "open('two\\nlines.txt', 'w').write('x')\nopen('back\\\\slash', 'w').write('x')\nNone",
      );
      expect(result.files).toEqual([]);
      expect(result.logs).toContain('"two\\nlines.txt" was not kept');
      await session.run("import os\nos.remove('two\\nlines.txt')\nos.remove('back\\\\slash')");
      const long = await session.run(
        "import os, shutil\npath = '/mnt/data/' + '/'.join(['d' * 200] * 8)\nos.makedirs(path)\nopen(path + '/x', 'w').write('x')\nNone",
      );
      expect(long).toMatchObject({ outcome: 'completed', files: [] });
      expect(long.logs).toMatch(/was not kept: its name is/);
      await session.run("shutil.rmtree('/mnt/data/' + 'd' * 200)");
    });

    it.skipIf(isSeam)(
      'in folders that lie too deep are left in the sandbox, with a word about it',
      async () => {
        const deep = await session.run(
          "import os, shutil\npath = '/'.join('d' * 20)\nos.makedirs(path)\nopen(path + '/x', 'w').close()",
        );
        expect(deep).toMatchObject({ outcome: 'completed', files: [] });
        expect(deep.logs).toMatch(/"(d\/)+d" was not kept: it lies too deep/);
        await session.run("shutil.rmtree('/mnt/data/d')");
      },
    );

    it('that do not exist cannot be read', async () => {
      await expect(session.readFile('missing.txt')).rejects.toThrow('There is no file missing.txt');
    });

    it.skipIf(losesFilesOfEndedRuns)(
      'that a run had finished before it was ended are kept, and what was there of others',
      async () => {
        const other = await fresh();
        const controller = new AbortController();
        await other.writeFile('before.txt', bytes('before'));
        const result = await other.run(
          `import time
open('done.txt', 'w').write('done')
half = open('half.txt', 'w')
half.write('half')
open('before.txt', 'a').close()
start = time.time()
while time.time() - start < 1.5: pass
print('now')
while True: pass`,
          { signal: controller.signal, onStdout: () => controller.abort() },
        );
        expect(result).toMatchObject({ outcome: 'cancelled', files: [{ name: 'done.txt', size: 4 }] });
        expect((await other.listFiles()).map(({ name }) => name)).toEqual(['before.txt', 'done.txt']);
        expect((await other.run("open('before.txt').read() + open('done.txt').read()")).value).toBe(
          "'beforedone'",
        );
        await other.close();
      },
    );

    it.skipIf(isSeam)('that a long run makes and removes again are forgotten', async () => {
      const other = await fresh();
      const result = await other.run(`import os, time
open('passing.txt', 'w').write('x')
start = time.time()
while time.time() - start < 1.2: pass
os.remove('passing.txt')`);
      expect(result).toMatchObject({ outcome: 'completed', files: [] });
      expect(await other.listFiles()).toEqual([]);
      await other.close();
    });

    it.skipIf(isSeam)('survive code that removes the directory', async () => {
      const other = await fresh();
      await other.run("import os, shutil\nos.chdir('/')\nshutil.rmtree('/mnt/data')");
      expect((await other.run("open('again.txt', 'w').write('x')\nos.getcwd()")).value).toBe("'/mnt/data'");
      expect(await other.listFiles()).toEqual([{ name: 'again.txt', size: 1 }]);
      await other.close();
    });
  });

  describe('sessions', () => {
    it('share neither variables nor files', async () => {
      const [one, two] = [await fresh(), await fresh()];
      await one.run("secret = 'mine'\nopen('mine.txt', 'w').write(secret)");
      const result = await two.run('import os\nprint(os.listdir())\nsecret');
      expect(result.logs).toBe('[]\n');
      expect(result.traceback).toMatch(/NameError: name 'secret' is not defined$/);
      expect(await two.listFiles()).toEqual([]);
      await Promise.all([one.close(), two.close()]);
    });

    it('are the same for the same id until closed', async () => {
      const one = await interpreter.session('same');
      expect(await interpreter.session('same')).toBe(one);
      await one.close();
      expect(await interpreter.session('same')).not.toBe(one);
      await expect(one.run('1')).rejects.toThrow('The session is closed.');
    });

    it('serve calls one after the other', async () => {
      const other = await fresh();
      const [, , second] = await Promise.all([
        other.run('import time\ntime.sleep(0.2)\nx = 1'),
        other.writeFile('between.txt', bytes('b')),
        other.run("open('between.txt').read() + str(x)"),
      ]);
      expect(second.value).toBe("'b1'");
      await other.close();
    });
  });

  describe('limits', () => {
    it('cut a flood of output and keep the first part', async () => {
      const result = await session.run('for i in range(20_000): print(i, "x" * 500)\nprint("end")\n1');
      expect(result).toMatchObject({ outcome: 'completed', value: '1' });
      expect(result.logs.length).toBeLessThan(70_000);
      expect(result.logs).toMatch(/^0 x+\n1 x+\n/);
      expect(result.logs).toMatch(/\n\[[\d,]+ more bytes of output left out; a run may write 65,536.\]\n$/);
    });

    it('cut a value and a traceback that have no end', async () => {
      const { value } = await session.run("'y' * 5_000_000");
      expect(value!.length).toBeLessThan(70_000);
      expect(value).toContain('characters left out');
      const { traceback } = await session.run("raise ValueError('z' * 5_000_000)");
      expect(traceback!.length).toBeLessThan(70_000);
      expect(traceback).toContain('characters left out');
    });

    it.skipIf(isSeam)('answer too much memory with MemoryError, and Python lives on', async () => {
      const tight = await small.session('memory');
      await tight.run('alive = "yes"');
      expect((await tight.run('bytearray(400_000_000)')).traceback).toMatch(/MemoryError$/);
      expect((await tight.run("hoard = []\nwhile True: hoard.append('z' * 1_000_000)")).traceback).toMatch(
        /MemoryError/,
      );
      expect((await tight.run('del hoard\nalive')).value).toBe("'yes'");
      await tight.close();
    });

    it.skipIf(isSeam)(
      'answer too large a file, too much of all and too many with an error, and the next run works',
      async () => {
        const tight = await small.session('disk');
        expect((await tight.run("open('big.bin', 'wb').write(b'0' * 2_000_000)")).traceback).toMatch(
          /OSError: /,
        );
        const fill = await tight.run(
          "for i in range(1000):\n  open(f'/tmp/{i}', 'wb').write(b'0' * 900_000)",
        );
        expect(fill.traceback).toMatch(/OSError: /);
        await tight.run(
          "import os\nfor name in os.listdir('/tmp'):\n  if name.isdigit(): os.remove('/tmp/' + name)",
        );
        const many = await tight.run("for i in range(100_000):\n  open(f'/tmp/n{i}', 'wb').close()");
        expect(many.traceback ?? many.notice).toMatch(/OSError: |too many files/);
        expect((await tight.run('1 + 1')).value).toBe('2');
        await tight.close();
      },
    );

    it('keep what fits of too many files, with a word about the rest', async () => {
      const tight = await small.session('many');
      const result = await tight.run("for i in range(30): open(f'f{i:02}', 'w').write('x')");
      expect(result.outcome).toBe('completed');
      expect(result.files).toHaveLength(20);
      expect(result.logs).toContain('there may be 20 files');
      await tight.close();
    });

    it('hold for files from outside', async () => {
      const tight = await small.session('outside');
      await expect(tight.writeFile('big', new Uint8Array(mebibyte + 1))).rejects.toThrow(/1048577 bytes/);
      for (const name of ['a', 'b', 'c']) await tight.writeFile(name, new Uint8Array(mebibyte));
      await expect(tight.writeFile('d', new Uint8Array(1))).rejects.toThrow(/all files together/);
      await tight.writeFile('c', new Uint8Array(10));
      await tight.writeFile('d', new Uint8Array(1));
      await tight.close();
    });

    const loops = [
      ['a busy loop', 'print("started")\nwhile True: pass'],
      [
        'a loop that swallows every exception',
        'print("started")\nwhile True:\n  try:\n    while True: pass\n  except BaseException: pass',
      ],
      [
        'a regular expression that never ends',
        'import re\nprint("started")\nre.match("(a+)+$", "a" * 60 + "b")',
      ],
    ];
    it.each(isSeam ? loops.slice(0, 1) : loops)('end %s in time', async (_, code) => {
      // None started ahead, which would first import what most code needs and take its time for that.
      const hasty = create({ runTimeout: 1_500, warmProcesses: 0 });
      const busy = await withKeptFile(hasty.session('hasty'));
      const result = await busy.run(code);
      expect(result).toMatchObject({
        outcome: 'limited',
        logs: 'started\n',
        value: undefined,
        traceback: undefined,
      });
      expect(result.notice).toMatch(/longer than 1.5 seconds/);
      expect(result.duration).toBeLessThan(5_000);
      await expectFilesOnly(busy);
      await hasty.close();
    });

    it('name the option that makes no sense', () => {
      expect(() => create({ runTimeout: 0 })).toThrow('runTimeout must be at least 1');
      expect(() => create({ memoryLimit: 1_000_000 })).toThrow('memoryLimit must be at least 64 MiB');
    });
  });

  describe('a signal', () => {
    it('ends a busy run within 100 ms and keeps the files', { retry: 2 }, async () => {
      // Again where it took longer: a busy machine may give the time between to others.
      const busy = await withKeptFile(fresh());
      const controller = new AbortController();
      let aborted = 0;
      const result = await busy.run('print("go")\nwhile True: pass', {
        signal: controller.signal,
        onStdout: () => {
          aborted = performance.now();
          controller.abort();
        },
      });
      expect(performance.now() - aborted).toBeLessThan(100);
      expect(result).toMatchObject({ outcome: 'cancelled', logs: 'go\n', files: [] });
      expect(result.notice).toMatch(/cancelled/);
      await expectFilesOnly(busy);
      await busy.close();
    });

    it('ends a run that waits for its turn, and only that one', async () => {
      const controller = new AbortController();
      const first = session.run('import time\ntime.sleep(0.3)\n"first"');
      const second = session.run('ran = True', { signal: controller.signal });
      controller.abort();
      expect((await second).outcome).toBe('cancelled');
      expect((await first).value).toBe("'first'");
      expect((await session.run("'ran' in globals()")).value).toBe('False');
    });

    it('that is aborted already starts nothing', async () => {
      const result = await session.run('print("no")', { signal: AbortSignal.abort() });
      expect(result).toMatchObject({ outcome: 'cancelled', logs: '' });
    });
  });

  describe('processes', () => {
    it('that Python ends by itself are replaced', async () => {
      const other = await withKeptFile(fresh());
      const result = await other.run('import os\nprint("bye")\nos._exit(3)');
      expect(result).toMatchObject({ outcome: 'limited', logs: 'bye\n' });
      expect(result.notice).toMatch(/Python ended in the middle of the run/);
      await expectFilesOnly(other);
      await other.close();
    });

    it('that end between two runs are replaced before the code of the next one begins', async () => {
      const other = await withKeptFile(fresh());
      crash(other);
      // In the same moment, when nobody can have heard of it.
      await expectFilesOnly(other);
      expect((await other.run('1 + 1')).value).toBe('2');
      await other.close();
    });

    it('are as many as allowed: the least recently used session gives its own up and keeps its files', async () => {
      const own = create({ maxProcesses: 1, warmProcesses: 0 });
      const [one, two] = [await own.session('1'), await own.session('2')];
      await one.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
      const { ended } = processOf(one);
      // Both want the only seat.
      expect(
        (await Promise.all([two.run('"two"'), one.run('import time\ntime.sleep(0.1)'), two.run('2')]))[2]!
          .value,
      ).toBe('2');
      await ended;
      await expectFilesOnly(one);
      expect([one, two].map((each) => (each as PythonSession).process !== undefined)).toEqual([true, false]);
      await own.close();
    });

    it('of idle sessions are freed, and the files stay', async () => {
      const own = create({ idleTimeout: 50, warmProcesses: 0 });
      const idle = await own.session('1');
      await idle.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
      expect(await processOf(idle).ended).toMatchObject({ killed: true });
      await expectFilesOnly(idle);
      await own.close();
    });

    it('and files are gone when the driver is closed, also in the middle of a run', async () => {
      await allStand();
      const before = new Set(livingProcessIds());
      const own = create({ warmProcesses: 1 });
      const other = await own.session('1');
      const known = new Set(directories());
      await other.writeFile('a.txt', new Uint8Array(1));
      const mine = directories().filter((name) => !known.has(name));
      expect(mine.length).toBeGreaterThan(0);
      const started = Promise.withResolvers<void>();
      const run = other.run('print(1)\nwhile True: pass', { onStdout: () => started.resolve() });
      await started.promise;
      const processes = livingProcessIds().filter((id) => !before.has(id));
      expect(processes.length).toBeGreaterThan(0);
      await own.close();
      expect(processes.filter(isAlive)).toEqual([]);
      expect(directories().filter((name) => mine.includes(name))).toEqual([]);
      expect((await run).outcome).toBe('cancelled');
      await expect(own.session('2')).rejects.toThrow('The interpreter is closed.');
    });

    it.skipIf(isSeam)(
      'and files of fifty sessions, one after the other, are all gone afterwards',
      async () => {
        const own = create({ maxProcesses: 2, warmProcesses: 1 });
        await allStand();
        const before = livingProcessIds();
        const known = directories();
        const seen = new Set<number>();
        for (let index = 0; index < 50; index += 1) {
          const one = await own.session(`turn-${index}`);
          await one.writeFile('in.txt', bytes(String(index)));
          const result = await one.run("open('out.txt', 'w').write(open('in.txt').read() * 2)");
          expect(result.files).toEqual([{ name: 'out.txt', size: String(index).length * 2 }]);
          for (const id of livingProcessIds()) if (!before.includes(id)) seen.add(id);
          await one.close();
        }
        await own.close();
        expect(seen.size).toBeGreaterThanOrEqual(50);
        expect([...seen].filter(isAlive)).toEqual([]);
        expect(
          directories().filter((name) => !known.includes(name) && name.includes(`-${process.pid}-`)),
        ).toEqual([]);
      },
      300_000,
    );
  });
}

function directories(): string[] {
  return existsSync(tmpdir())
    ? readdirSync(tmpdir()).filter((name) => name.startsWith('use-assistant-'))
    : [];
}
