import { afterEach, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreter } from '../port.ts';
import { pyodide } from '../pyodide/pyodide.ts';
import { livingProcessIds } from '../pyodide/sandbox-process.ts';
import type { SessionLimits } from '../sessions/limits.ts';
import { describeConformance } from '../test-support/conformance.ts';
import { remote } from './remote.ts';
import { SandboxGone } from './remote-sandbox.ts';
import type { RemoteSandbox } from './remote-sandbox.ts';
import { innerSandboxes } from './test-support/inner-sandbox.ts';

let latest: RemoteSandbox;

/** `remote()` on a service of this machine, whose own limits are wider than those under test. */
function create({ memoryLimit, ...limits }: SessionLimits = {}): CodeInterpreter {
  const service = pyodide({
    maxProcesses: 20,
    warmProcesses: 0,
    packages: false,
    outputLimit: 20_000_000,
    ...(memoryLimit === undefined ? {} : { memoryLimit }),
    ...(limits.fileSizeLimit === undefined ? {} : { fileSizeLimit: limits.fileSizeLimit }),
    ...(limits.totalSizeLimit === undefined ? {} : { totalSizeLimit: limits.totalSizeLimit }),
    ...(limits.fileCountLimit === undefined ? {} : { fileCountLimit: limits.fileCountLimit * 3 }),
  });
  const connect = innerSandboxes(service);
  const driver = remote({ ...limits, connect: async (terms) => (latest = await connect(terms)) });
  const close = driver.close.bind(driver);
  return Object.assign(driver, {
    close: async () => {
      await close();
      await service.close();
    },
  });
}

describe('remote(), by the suite of every driver,', () => {
  describeConformance({
    create,
    livingProcessIds,
    crash: () => void latest.kill(),
    losesFilesOfEndedRuns: true,
    isSeam: true,
  });
});

describe('remote()', () => {
  const sandbox = (change: Partial<RemoteSandbox> = {}): RemoteSandbox => ({
    run: async () => ({ value: undefined, traceback: undefined, images: [] }),
    writeFile: async () => {},
    readFile: async () => new Uint8Array(),
    listFiles: async () => [],
    kill: async () => {},
    ...change,
  });
  afterEach(() => vi.unstubAllEnvs());

  it('says which sandbox could not be started, and starts another for the next run', async () => {
    let attempts = 0;
    const driver = remote({
      connect: async () => {
        attempts += 1;
        if (attempts === 1) throw new Error('no sandbox today');
        return sandbox();
      },
    });
    const session = await driver.session('1');
    await expect(session.run('1')).rejects.toThrow('no sandbox today');
    expect((await session.run('1')).outcome).toBe('completed');
    await driver.close();
  });

  it.each<[string, Error, number]>([
    ['was gone before the code began runs it once more in another', new SandboxGone('gone'), 2],
    ['failed when the code may have begun does not run it again', new Error('socket hang up'), 1],
  ])('whose sandbox %s', async (_, error, count) => {
    let attempts = 0;
    const run = async () => {
      attempts += 1;
      if (attempts === 1) throw error;
      return { value: '1', traceback: undefined, images: [] };
    };
    const driver = remote({ connect: async () => sandbox({ run }) });
    const result = await (await driver.session('1')).run('x');
    expect(attempts).toBe(count);
    expect(result.outcome).toBe(count === 1 ? 'limited' : 'completed');
    await driver.close();
  });

  it('runs the code in another sandbox when one is gone before the code was on its way to it', async () => {
    let lists = 0;
    const listFiles = async () => {
      lists += 1;
      if (lists === 1) throw new Error('fetch failed');
      return [];
    };
    const driver = remote({ connect: async () => sandbox({ listFiles }) });
    expect((await (await driver.session('1')).run('x')).outcome).toBe('completed');
    await driver.close();
  });

  it('takes no file that the sandbox names wrongly, and none that is too large, before a byte of it travels', async () => {
    const read: string[] = [];
    let files: string[] = [];
    const driver = remote({
      fileSizeLimit: 10,
      connect: async () =>
        sandbox({
          run: async () => {
            files = ['../../evil', '/etc/passwd', 'good.txt', 'huge.bin'];
            return { value: undefined, traceback: undefined, images: [] };
          },
          listFiles: async () =>
            files.map((name) => ({ name, size: name === 'huge.bin' ? 1e12 : 1, version: '1' })),
          readFile: async (name) => {
            read.push(name);
            return new Uint8Array(1);
          },
        }),
    });
    const result = await (await driver.session('1')).run('x');
    expect(read).toEqual(['good.txt']);
    expect(result.files).toEqual([{ name: 'good.txt', size: 1 }]);
    expect(result.logs).toContain('"../../evil" was not kept: its name is not allowed');
    expect(result.logs).toContain('"huge.bin" was not kept: it is too large');
    await driver.close();
  });

  it('keeps what was drawn but not saved as files', async () => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    const written = new Map<string, Uint8Array>();
    const driver = remote({
      connect: async () =>
        sandbox({
          run: async () => ({
            value: undefined,
            traceback: undefined,
            images: [{ type: 'png', bytes: png }],
          }),
          writeFile: async (name, bytes) => void written.set(name, bytes),
          readFile: async (name) => written.get(name)!,
          listFiles: async () =>
            [...written].map(([name, { length }]) => ({ name, size: length, version: '1' })),
        }),
    });
    const session = await driver.session('1');
    expect((await session.run('x')).images).toEqual([{ name: 'figure-1.png', size: 8 }]);
    expect((await session.run('x')).images).toEqual([{ name: 'figure-2.png', size: 8 }]);
    expect((await session.listFiles()).length).toBe(2);
    await driver.close();
  });

  it('ends the sandbox of a session that is closed, and one that comes too late', async () => {
    const late = Promise.withResolvers<RemoteSandbox>();
    const kill = vi.fn(async () => {});
    const connected = Promise.withResolvers<void>();
    const connect = (): Promise<RemoteSandbox> => {
      connected.resolve();
      return late.promise;
    };
    const driver = remote({ connect });
    const running = (await driver.session('1')).run('x');
    running.catch(() => {});
    await connected.promise;
    const closing = driver.close();
    late.resolve(sandbox({ kill }));
    await closing;
    await vi.waitFor(() => expect(kill).toHaveBeenCalledOnce());
  });

  it('refuses to start in production without a boundary, unless told to', () => {
    const connect = async (): Promise<RemoteSandbox> => sandbox();
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => remote({ connect })).not.toThrow();
    const open = { connect, name: 'jupyter', isBoundary: false };
    expect(() => remote(open)).toThrow(/The interpreter jupyter is no boundary: .*allowWithoutBoundary/);
    expect(() => remote({ ...open, allowWithoutBoundary: true })).not.toThrow();
    vi.stubEnv('NODE_ENV', 'development');
    expect(() => remote(open)).not.toThrow();
  });
});
