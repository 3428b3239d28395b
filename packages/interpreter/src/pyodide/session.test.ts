import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreterSession } from '../port.ts';
import { pyodide } from './pyodide.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

// What can be imported beside the standard library is another test's.
const interpreter = pyodide({ packages: false });
let session: CodeInterpreterSession;
let count = 0;
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const bytes = (value: string): Uint8Array => new TextEncoder().encode(value);

beforeAll(async () => {
  session = await interpreter.session('main');
  await session.run('None');
}, 60_000);
afterAll(() => interpreter.close());

const fresh = (): Promise<CodeInterpreterSession> => interpreter.session(`fresh-${(count += 1)}`);

describe('a run', () => {
  it('answers with the output and the value of the last expression', async () => {
    const result = await session.run('print("hello")\n6 * 7');
    expect(result).toMatchObject({
      outcome: 'completed',
      logs: 'hello\n',
      value: '42',
      traceback: undefined,
    });
    expect(result.notice).toBeUndefined();
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
    const heard: [string, string, number][] = [];
    const result = await session.run(
      'import sys, time\nprint("one")\nprint("two", file=sys.stderr)\ntime.sleep(0.4)\nprint("three")',
      {
        onStdout: (piece) => heard.push(['out', piece, performance.now()]),
        onStderr: (piece) => heard.push(['err', piece, performance.now()]),
      },
    );
    expect(heard.map(([stream, piece]) => [stream, piece])).toEqual([
      ['out', 'one\n'],
      ['err', 'two\n'],
      ['out', 'three\n'],
    ]);
    expect(heard[2]![2] - heard[1]![2]).toBeGreaterThan(200);
    expect(result.logs).toBe('one\ntwo\nthree\n');
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
    expect(result.traceback).not.toMatch(/_cells|_evaluate|pyodide/);
    expect((await session.run('kept')).value).toBe('1');
  });

  it('tells a syntax error with the place', async () => {
    const result = await session.run('a = 1\nprint("x"');
    expect(result.outcome).toBe('failed');
    expect(result.traceback).toMatch(/line 2\n {4}print\("x"\n.*\^\nSyntaxError: '\(' was never closed$/s);
    expect(result.traceback).not.toContain('_cells');
  });

  it.each(['numpy', 'pandas', 'matplotlib.pyplot'])(
    'says what there is when %s is imported',
    async (name) => {
      const { traceback } = await session.run(`import ${name}`);
      expect(traceback).toContain(`ModuleNotFoundError: No module named '`);
      expect(traceback).toContain('charts.line');
      expect(traceback).not.toContain('micropip');
    },
  );

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

  it.each([
    ['closes its output', 'import sys; sys.stdout.close(); sys.stderr.close()'],
    ['closes what lies below', 'import os; os.close(1); os.close(2)'],
    ['detaches it', 'import sys; sys.stdout.detach()'],
    ['puts nothing in its place', 'import sys; sys.stdout = sys.stderr = None'],
    [
      'removes the built-in functions of the driver',
      'import os, builtins; del builtins.exit, builtins.quit; os.chdir("/")',
    ],
  ])('that %s leaves the next one all it needs', async (_, code) => {
    const other = await fresh();
    await other.run(code);
    const next = 'import os, sys\nprint("heard")\nprint("too", file=sys.stderr)\nprint(os.getcwd())\nexit()';
    expect(await other.run(next)).toMatchObject({ outcome: 'completed', logs: 'heard\ntoo\n/mnt/data\n' });
    await other.close();
  });

  it('has another random sequence in every session', async () => {
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
    expect((await other.run("os.rename('a.txt', 'b.txt')\nos.remove('in.txt')")).files).toEqual([
      { name: 'b.txt', size: 2 },
    ]);
    expect(await other.listFiles()).toEqual([{ name: 'b.txt', size: 2 }]);
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
  });

  it('that do not exist cannot be read', async () => {
    await expect(session.readFile('missing.txt')).rejects.toThrow('There is no file missing.txt');
  });

  it('survive code that removes the directory', async () => {
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

describe('the driver', () => {
  it('says what the model must know', () => {
    for (const word of ['Python 3.14', 'standard library', 'charts.line', '/mnt/data']) {
      expect(interpreter.description).toContain(word);
    }
  });
});
