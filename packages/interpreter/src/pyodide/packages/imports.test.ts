import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreter } from '../../port.ts';
import { pyodide } from '../pyodide.ts';
import { nativeModule } from '../test-support/native-module.ts';
import { lockEntry, PackageServer, wheel } from '../test-support/wheels.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const server = new PackageServer();
const directory = mkdtempSync(join(tmpdir(), 'imports-'));
const lockFile = join(directory, 'lock.json');
let interpreter: CodeInterpreter;
/** One whose downloads fail, with a cache of its own. */
let unlucky: CodeInterpreter;
let count = 0;

const wheels: Record<string, [wheel: Uint8Array, change?: Record<string, unknown>]> = {
  shapes: [
    wheel('shapes', { 'shapes/__init__.py': 'import numbers_of\nsides = numbers_of.four\n' }),
    { depends: ['numbers-of'] },
  ],
  ...Object.fromEntries(
    ['squares', 'circles', 'ovals', 'stars', 'rings'].map((name) => [
      name,
      [wheel(name, { [`${name}.py`]: 'sides = 4\n' })] as [Uint8Array],
    ]),
  ),
  'numbers-of': [
    wheel('numbers_of', { 'numbers_of.py': 'four = 4\n' }),
    { file_name: 'numbers_of-1.0-py3-none-any.whl', imports: ['numbers_of'] },
  ],
  curious: [
    wheel('curious', {
      'curious.py': 'try:\n  import shapes\n  found = True\nexcept ImportError:\n  found = False\n',
    }),
  ],
  tiny: [wheel('tiny', { 'tiny.so': nativeModule })],
  climbing: [
    wheel('climbing', {
      'climbing.py': 'ok = 1\n',
      '../../../climbed.py': 'x',
      '/absolute.py': 'x',
      '../json/__init__.py': 'raise SystemExit',
    }),
  ],
  shadow: [
    wheel('shadow', {
      'shadow.py': '',
      'json/__init__.py': 'poisoned = True\n',
      'random.py': 'poisoned = True\n',
      'charts/__init__.py': 'poisoned = True\n',
    }),
  ],
  driver: [wheel('driver', { 'driver.py': '', '_cells.py': 'def run(code): return "poisoned"\n' })],
  spoilt: [Buffer.from('this is no archive')],
  data: [
    wheel('data', {
      'data.py': 'import sys\nfolder = sys.prefix\n',
      'data-1.0.data/data/share/data.txt': 'shared',
    }),
  ],
};
/** What of matplotlib the figures of a run depend on: a backend by name, figures in a list, a canvas that can save. */
const matplotlib = wheel('matplotlib', {
  'matplotlib/__init__.py': '',
  'matplotlib/_pylab_helpers.py': `class Gcf:
  managers = []
  get_all_fig_managers = classmethod(lambda self: list(self.managers))
  destroy_all = classmethod(lambda self: self.managers.clear())
`,
  'matplotlib/backend_bases.py': 'class FigureManagerBase: pass\n',
  'matplotlib/backends/__init__.py': '',
  'matplotlib/backends/backend_agg.py': `class FigureCanvasAgg:
  def print_figure(self, filename, *args, **kwargs):
    open(filename, "wb").write(b"\\x89PNG\\r\\n\\x1a\\n drawn")
`,
  'matplotlib/pyplot.py': `import importlib, os, types
from matplotlib._pylab_helpers import Gcf
backend = importlib.import_module(os.environ["MPLBACKEND"].removeprefix("module://"))
def plot(*values):
  canvas = backend.FigureCanvas()
  canvas.figure = types.SimpleNamespace(stale=True, savefig=canvas.print_figure)
  Gcf.managers.append(types.SimpleNamespace(canvas=canvas))
def savefig(name): Gcf.managers[-1].canvas.print_figure(name)
show = backend.show
`,
});
wheels.matplotlib = [matplotlib];
const fileOf = (name: string): string =>
  String(wheels[name]![1]?.file_name ?? `${name}-1.0-py3-none-any.whl`);

beforeAll(async () => {
  await server.listen();
  const packages = Object.fromEntries(
    Object.entries(wheels).map(([name, [bytes, change]]) => [name, lockEntry(name, bytes, change)]),
  );
  writeFileSync(lockFile, JSON.stringify({ packages }));
  interpreter = open();
  unlucky = open('unlucky');
});
beforeEach(() => {
  server.asked.length = 0;
  server.files = new Map(Object.entries(wheels).map(([name, [bytes]]) => [fileOf(name), bytes]));
  server.answer = (name, response) => server.serve(name, response);
});
afterAll(async () => {
  await Promise.all([interpreter.close(), unlucky.close()]);
  await server.close();
  rmSync(directory, { recursive: true });
});

function open(cache = 'cache', more = {}): CodeInterpreter {
  const packages = {
    source: server.address,
    cache: join(directory, cache),
    lockFile,
    timeout: 15_000,
    ...more,
  };
  // Others of their own start one process each.
  return pyodide({ packages, warmProcesses: cache === 'cache' ? 1 : 0 });
}

/** Runs code in a session of its own. */
const runAlone = async (code: string, of = interpreter) => {
  const session = await of.session(`session-${(count += 1)}`);
  const result = await session.run(code);
  await session.close();
  return result;
};
/** Runs code in the session of all who import what nobody else does. */
const run = async (code: string, of = interpreter) => (await of.session('shared')).run(code);

describe('an import', () => {
  it('loads the package that brings the module, and what it needs', async () => {
    const result = await run('import shapes\nshapes.sides');
    // No word of packages is among the files of the session.
    expect(result).toMatchObject({ traceback: undefined, value: '4', files: [] });
  });

  it.each([
    ['in a function', 'def sides():\n  from squares import sides as found\n  return found\nsides()'],
    ['by its name in a text', 'import importlib\nimportlib.import_module("circles").sides'],
    ['by the function behind import', '__import__("ovals").sides'],
    [
      'that looks before',
      'import importlib.util\nassert importlib.util.find_spec("stars")\nimport stars as other\nother.sides',
    ],
    [
      'in a coroutine',
      'import asyncio\nasync def sides():\n  await asyncio.sleep(0)\n  import rings\n  return rings.sides\nasyncio.run(sides())',
    ],
  ])('%s loads it too', async (_, code) => {
    expect(await run(code)).toMatchObject({ traceback: undefined, value: '4' });
  });

  it('loads a native module', async () => {
    expect(await run('import tiny\ntiny.answer')).toMatchObject({ traceback: undefined, value: '42' });
  });

  it('of another session finds the package in the cache', async () => {
    await run('import shapes');
    expect((await runAlone('import shapes\nshapes.sides')).value).toBe('4');
    expect(server.asked.filter((name) => name === fileOf('shapes')).length).toBeLessThanOrEqual(1);
  });

  it('in several sessions at once fetches each file once', async () => {
    const own = open('concurrent');
    const results = await Promise.all(
      Array.from({ length: 2 }, () => runAlone('import shapes\nshapes.sides', own)),
    );
    expect(results.map(({ value }) => value)).toEqual(['4', '4']);
    expect(server.asked.toSorted()).toEqual([fileOf('numbers-of'), fileOf('shapes')].toSorted());
    await own.close();
  });

  it('by an installed package on its own loads nothing', async () => {
    expect((await runAlone('import curious\ncurious.found')).value).toBe('False');
  });

  it('puts data files where the package looks for them', async () => {
    expect((await run('import data\nopen("/share/data.txt").read()')).value).toBe("'shared'");
  });
});

describe('figures', () => {
  it('that are shown or left open become PNG files, those that were saved only those', async () => {
    const plot = 'import matplotlib.pyplot as plt\nplt.plot([1, 2])\n';
    expect((await run(plot)).images.map(({ name }) => name)).toEqual(['figure-1.png']);
    expect((await run(`${plot}plt.show()`)).images.map(({ name }) => name)).toEqual(['figure-2.png']);
    const saved = await run(`${plot}plt.savefig("mine.png")`);
    expect(saved).toMatchObject({ traceback: undefined, images: [{ name: 'mine.png' }] });
    expect((await run('1')).images).toEqual([]);
  });
});

describe('an import that fails', () => {
  it('says why, and what there is instead', async () => {
    server.files.clear();
    const { traceback } = await run('import shapes', unlucky);
    expect(traceback).toMatch(
      /ModuleNotFoundError: No module named 'shapes'\nThe package numbers-of, which shapes needs, could not be loaded: 127\.0\.0\.1:\d+ answered with status 404\. .*charts\.line/,
    );
  });

  it('for a module that no package brings asks nobody', async () => {
    const { traceback } = await run('import nothing_like_it');
    expect(traceback).toMatch(/nothing_like_it is not available here and cannot be installed\. .*charts/);
    expect(server.asked).toEqual([]);
  });

  it('can be caught, and Python goes on', async () => {
    const code = 'try:\n  import nothing_like_it\nexcept ImportError as error:\n  print(error)\n6 * 7';
    expect(await run(code)).toMatchObject({ logs: "No module named 'nothing_like_it'\n", value: '42' });
  });

  it('because the file was changed on its way never runs it', async () => {
    server.files.set(fileOf('curious'), wheel('curious', { 'curious.py': 'print("POISONED")\n' }));
    const result = await run('import curious', unlucky);
    expect(result.traceback).toMatch(/sent something else than curious-1\.0/);
    expect(JSON.stringify(result)).not.toContain('POISONED');
  });

  it('because the archive is none leaves a Python that works', async () => {
    expect((await run('import spoilt')).traceback).toMatch(/BadZipFile/);
    expect((await run('6 * 7')).value).toBe('42');
  });

  it('because packages may have no more bytes says so', async () => {
    const own = open('small', { totalSizeLimit: wheels.shapes![0].length });
    expect((await runAlone('import shapes', own)).traceback).toMatch(
      /packages may have [\d,]+ bytes together/,
    );
    await own.close();
  });

  it('is ended by the signal like any other run, and the next import waits for nobody', async () => {
    const asked = Promise.withResolvers<void>();
    server.answer = () => asked.resolve();
    const session = await unlucky.session('shared');
    const controller = new AbortController();
    const running = session.run('import squares', { signal: controller.signal });
    await asked.promise;
    controller.abort();
    expect((await running).outcome).toBe('cancelled');
    expect((await session.run('6 * 7')).value).toBe('42');
  });
});

describe('a package that', () => {
  it('holds paths which climb stays in its folder', async () => {
    const code = `import climbing, os, json
print([path for path in ("/climbed.py", "/lib/climbed.py", "/absolute.py", "/climbing.py") if os.path.exists(path)])
climbing.ok, json.dumps([1])`;
    expect(await run(code)).toMatchObject({ value: "(1, '[1]')", traceback: undefined, logs: '[]\n' });
  });

  it('brings modules of the standard library or charts does not get in front of them', async () => {
    const result = await run(
      'import shadow, json, random\n[hasattr(module, "poisoned") for module in (json, random)]',
    );
    expect(result).toMatchObject({ value: '[False, False]', traceback: undefined });
    expect((await run('import json\njson.dumps(1)')).value).toBe("'1'");
  });

  it('brings a driver of its own changes nothing for the parent', async () => {
    const session = await interpreter.session('driver');
    await session.run('import driver');
    expect((await session.run('6 * 7')).value).toBe('42');
    await session.close();
    expect((await run('6 * 7')).value).toBe('42');
  });
});
