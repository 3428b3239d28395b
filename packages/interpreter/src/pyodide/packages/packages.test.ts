import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { lockEntry, PackageServer, wheel } from '../test-support/wheels.ts';
import { parseLock, readLock } from './lock.ts';
import { commonPackages, Packages } from './packages.ts';
import type { PackagesOptions } from './packages.ts';
import { prefetchPackages } from './prefetch.ts';

const alpha = wheel('alpha', { 'alpha.py': 'value = 1\n' });
const beta = wheel('beta', { 'beta.py': 'import alpha\n' });
const server = new PackageServer();
let directory: string;
let lockFile: string;
const cache = (): string => join(directory, 'cache');
const opened: Packages[] = [];
const never = new AbortController().signal;

function open(options: PackagesOptions = {}): Packages {
  const packages = new Packages({
    source: server.address,
    cache: cache(),
    lockFile,
    timeout: 2_000,
    ...options,
  });
  opened.push(packages);
  return packages;
}

const names = (files: { fileName: string }[] | undefined): string[] => files!.map(({ fileName }) => fileName);
const alphaFile = 'alpha-1.0-py3-none-any.whl';
const betaFile = 'beta-1.0-py3-none-any.whl';

beforeAll(() => server.listen());
afterAll(() => server.close());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'packages-'));
  lockFile = join(directory, 'lock.json');
  server.asked.length = 0;
  server.answer = (name, response) => server.serve(name, response);
  server.files = new Map([
    [alphaFile, alpha],
    [betaFile, beta],
  ]);
  const packages = {
    alpha: lockEntry('alpha', alpha),
    beta: lockEntry('beta', beta, { depends: ['Alpha'], imports: ['beta', 'beta_extra'] }),
  };
  writeFileSync(lockFile, JSON.stringify({ info: {}, packages }));
});
afterEach(() => {
  for (const packages of opened.splice(0)) packages.close();
  rmSync(directory, { recursive: true });
});

describe('packages for a module', () => {
  it('come with what they need, which stands first', async () => {
    const files = await open().forModule('beta_extra', new Set(), never);
    expect(names(files)).toEqual([alphaFile, betaFile]);
    expect(Buffer.from(files![0]!.bytes).equals(alpha)).toBe(true);
  });

  it('leave out what a process has', async () => {
    expect(names(await open().forModule('beta', new Set([alphaFile]), never))).toEqual([betaFile]);
    expect(server.asked).toEqual([betaFile]);
  });

  it('are none when no package brings it', async () => {
    expect(await open().forModule('gamma', new Set(), never)).toBeUndefined();
    expect(server.asked).toEqual([]);
  });

  it('are fetched once and then come from the folder, without the source', async () => {
    await open().forModule('alpha', new Set(), never);
    await open({ source: 'http://127.0.0.1:9' }).forModule('alpha', new Set(), never);
    expect(server.asked).toEqual([alphaFile]);
  });

  it('are fetched once when many ask at the same time', async () => {
    const packages = open();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => packages.forModule('beta', new Set(), never)),
    );
    expect(all).toHaveLength(8);
    expect(server.asked.toSorted()).toEqual([alphaFile, betaFile]);
  });

  it('can come from a folder of this machine', async () => {
    const source = join(directory, 'source');
    mkdirSync(source);
    writeFileSync(join(source, alphaFile), alpha);
    const packages = open({ source });
    expect(names(await packages.forModule('alpha', new Set(), never))).toEqual([alphaFile]);
    await expect(packages.forModule('beta', new Set(), never)).rejects.toThrow(
      `The package beta could not be loaded: the folder of packages has no ${betaFile}.`,
    );
  });
});

describe('a source that', () => {
  const attempt = (options: PackagesOptions = {}) => open(options).forModule('alpha', new Set(), never);
  const kept = (): string[] => {
    try {
      return readdirSync(cache());
    } catch {
      return [];
    }
  };

  it('sends something else is not believed, and nothing is kept', async () => {
    server.files.set(alphaFile, wheel('alpha', { 'alpha.py': 'value = "poisoned"\n' }));
    await expect(attempt()).rejects.toThrow(
      /^The package alpha could not be loaded: 127.* sent something else than alpha/,
    );
    expect(kept()).toEqual([]);
  });

  it('does not have the file is named with its answer', async () => {
    server.files.clear();
    await expect(attempt()).rejects.toThrow(/answered with status 404\.$/);
  });

  it('breaks off in the middle leaves nothing behind', async () => {
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': alpha.length });
      response.write(alpha.subarray(0, 20));
      response.flushHeaders();
      setImmediate(() => response.destroy());
    };
    await expect(attempt()).rejects.toThrow(/could not be reached|sent something else/);
    expect(kept()).toEqual([]);
  });

  it('ends early without saying so is not believed', async () => {
    server.answer = (_, response) => void response.writeHead(200).end(alpha.subarray(0, 50));
    await expect(attempt()).rejects.toThrow(/sent something else/);
  });

  it('falls silent is given up', async () => {
    server.answer = (_, response) => void response.writeHead(200).write(alpha.subarray(0, 5));
    await expect(attempt({ timeout: 100 })).rejects.toThrow(/sent nothing for 0\.1 seconds/);
  });

  it('is slow but alive is waited for', async () => {
    server.answer = (_, response) => {
      response.writeHead(200);
      let at = 0;
      const step = Math.ceil(alpha.length / 8);
      const timer = setInterval(() => {
        response.write(alpha.subarray(at, at + step));
        at += step;
        if (at < alpha.length) return;
        clearInterval(timer);
        response.end();
      }, 150);
    };
    expect(names(await attempt({ timeout: 800 }))).toEqual([alphaFile]);
  });

  it('sends without end is cut off at the limit', async () => {
    let isClosed = false;
    server.answer = (_, response) => {
      response.writeHead(200);
      const pour = (): void => {
        while (!isClosed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', pour).on('close', () => (isClosed = true));
      pour();
    };
    await expect(attempt({ fileSizeLimit: 1_000_000 })).rejects.toThrow(/more than 1,000,000 bytes/);
    await expect.poll(() => isClosed).toBe(true);
  });

  it('cannot be reached is named, and not asked again at once', async () => {
    server.files.clear();
    const packages = open();
    for (let count = 0; count < 3; count += 1) {
      await expect(packages.forModule('alpha', new Set(), never)).rejects.toThrow('status 404');
    }
    expect(server.asked).toEqual([alphaFile]);
    const nobody = open({ source: 'http://127.0.0.1:9/' }).forModule('alpha', new Set(), never);
    await expect(nobody).rejects.toThrow('127.0.0.1:9 could not be reached');
  });

  it('is waited for no longer than the signal; who still waits gets the package', async () => {
    const asked = Promise.withResolvers<() => void>();
    server.answer = (name, response) => asked.resolve(() => server.serve(name, response));
    const packages = open();
    const controller = new AbortController();
    const first = packages.forModule('alpha', new Set(), controller.signal);
    const second = packages.forModule('alpha', new Set(), never);
    const serve = await asked.promise;
    controller.abort(new Error('stopped'));
    await expect(first).rejects.toThrow('stopped');
    serve();
    expect(names(await second)).toEqual([alphaFile]);
    expect(server.asked).toEqual([alphaFile]);
  });

  it('hangs is let go when the packages are closed', async () => {
    const asked = Promise.withResolvers<void>();
    server.answer = () => asked.resolve();
    const packages = open();
    const waiting = packages.forModule('alpha', new Set(), never);
    await asked.promise;
    packages.close();
    await expect(waiting).rejects.toThrow('the interpreter is closed');
  });
});

describe('the folder', () => {
  it('is not believed either: a spoilt file is fetched again', async () => {
    await open().forModule('alpha', new Set(), never);
    const [name] = readdirSync(cache());
    writeFileSync(join(cache(), name!), alpha.subarray(0, 30));
    await open().forModule('alpha', new Set(), never);
    expect(server.asked).toEqual([alphaFile, alphaFile]);
    expect(readFileSync(join(cache(), name!)).equals(alpha)).toBe(true);
  });

  it('that cannot be written to costs no import', async () => {
    const files = await open({ cache: '/dev/null/nowhere' }).forModule('alpha', new Set(), never);
    expect(names(files)).toEqual([alphaFile]);
  });
});

describe('a prefetch', () => {
  const where = () => ({ source: server.address, cache: cache(), lockFile });

  it('tells of every file, and says what was there', async () => {
    const told: [string, boolean][] = [];
    const onPackage = ({ name, wasThere }: { name: string; wasThere: boolean }) =>
      told.push([name, wasThere]);
    await prefetchPackages({ ...where(), names: ['alpha'], onPackage });
    await prefetchPackages({ ...where(), names: ['Beta'], onPackage });
    expect(told).toEqual([
      ['alpha', false],
      ['alpha', true],
      ['beta', false],
    ]);
  });

  it('names what the distribution does not have before it fetches anything', async () => {
    await expect(prefetchPackages({ ...where(), names: ['alpha', 'nothing'] })).rejects.toThrow(
      "Pyodide's distribution has no package nothing",
    );
    expect(server.asked).toEqual([]);
  });

  it('says what to do without the network', async () => {
    const offline = prefetchPackages({ ...where(), source: 'http://127.0.0.1:9/', names: ['alpha'] });
    await expect(offline).rejects.toThrow(
      /^alpha could not be fetched: 127\.0\.0\.1:9 could not be reached \(.+\)\. .*name a folder that holds the files/,
    );
  });
});

describe('a lock file', () => {
  it('of the installed Pyodide knows all that assistants are used to', () => {
    const lock = readLock(undefined);
    for (const name of commonPackages) {
      for (const { sha256 } of lock.closure(name)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(lock.packageOf('PIL')?.name).toBe('pillow');
    expect(lock.packageOf('openpyxl')?.name).toBe('openpyxl');
    expect(lock.closure('matplotlib').map(({ name }) => name)).toContain('numpy');
  });

  it.each([
    { file_name: '../evil-1.0-py3-none-any.whl' },
    { file_name: '/etc/passwd' },
    { file_name: 'a/b.whl' },
    { file_name: '..' },
    { file_name: 'http://elsewhere/x.whl' },
    { file_name: 'a\\b.whl' },
    { file_name: 'a.whl\0' },
    { sha256: 'abc' },
    { sha256: undefined },
    { install_dir: '/usr' },
    { depends: 'alpha' },
    { imports: [1] },
  ])('with %j is refused', (change) => {
    const text = JSON.stringify({ packages: { evil: lockEntry('evil', alpha, change) } });
    expect(() => parseLock(text, 'lock.json')).toThrow(/lock file lock\.json is not sound: .* of evil\./);
  });

  it('that is none is refused', () => {
    expect(() => parseLock('{', 'x')).toThrow('is not JSON');
    expect(() => parseLock('[]', 'x')).toThrow('has no packages');
  });

  it('with a circle of dependencies is read to its end', () => {
    const packages = {
      one: lockEntry('one', alpha, { depends: ['two'] }),
      two: lockEntry('two', beta, { depends: ['one'] }),
    };
    const lock = parseLock(JSON.stringify({ packages }), 'x');
    expect(lock.closure('one').map(({ name }) => name)).toEqual(['two', 'one']);
  });
});
