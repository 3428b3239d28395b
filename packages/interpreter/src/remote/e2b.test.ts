import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CodeInterpreter } from '../port.ts';
import { pyodide } from '../pyodide/pyodide.ts';
import { expectFilesOnly } from '../test-support/conformance.ts';
import { e2b } from './e2b.ts';
import type { E2bOptions } from './e2b.ts';
import { remote } from './remote.ts';
import type { RemoteOptions } from './remote.ts';
import { E2bStandIn } from './test-support/e2b-stand-in.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const service = new E2bStandIn(pyodide({ packages: false, maxProcesses: 8 }));
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
let interpreter: CodeInterpreter;
let count = 0;

function open(options: E2bOptions = {}, more: Partial<RemoteOptions> = {}): CodeInterpreter {
  const where = { apiKey: 'e2b_0123', apiUrl: service.address, sandboxUrl: service.address };
  return remote({ connect: e2b({ ...where, ...options }), ...more });
}
const fresh = (of = interpreter) => of.session(`session-${(count += 1)}`);

beforeAll(async () => {
  await service.listen();
  interpreter = open();
});
beforeEach(() => {
  service.requests.length = 0;
  service.intercept = () => false;
});
afterAll(async () => {
  await interpreter.close();
  await service.close();
});

describe("a session at E2B, through E2B's own package,", () => {
  it('streams output, tells values, and keeps variables from run to run', async () => {
    const session = await interpreter.session('shared');
    const heard: [string, string][] = [];
    const result = await session.run('import sys\nx = 6\nprint("ü")\nprint("two", file=sys.stderr)\nx * 7', {
      onStdout: (piece) => heard.push(['out', piece]),
      onStderr: (piece) => heard.push(['err', piece]),
    });
    expect(result).toMatchObject({
      outcome: 'completed',
      logs: 'ü\ntwo\n',
      value: '42',
      traceback: undefined,
    });
    expect(heard).toEqual([
      ['out', 'ü\n'],
      ['err', 'two\n'],
    ]);
    expect((await session.run('x')).value).toBe('6');
  });

  it('tells tracebacks without their colours, and goes on', async () => {
    const session = await interpreter.session('shared');
    const result = await session.run('kept = 1\n1 / 0');
    expect(result.outcome).toBe('failed');
    expect(result.traceback).toMatch(/^Traceback[^]*ZeroDivisionError: division by zero$/);
    expect(result.traceback).not.toContain('\u001b');
    expect((await session.run('kept')).value).toBe('1');
  });

  it('brings files there and back, and reports what a run has changed', async () => {
    const session = await interpreter.session('shared');
    await session.writeFile('tall ø.csv', new TextEncoder().encode('a,b\n'));
    const result = await session.run(
      "import os\nos.makedirs('deep', exist_ok=True)\nopen('deep/out.csv', 'w').write(open('tall ø.csv').read() * 2)",
    );
    expect(result).toMatchObject({ traceback: undefined, files: [{ name: 'deep/out.csv', size: 8 }] });
    expect(text(await session.readFile('deep/out.csv'))).toBe('a,b\na,b\n');
    expect((await session.run("open('deep/out.csv').read()")).files).toEqual([]);
    expect((await session.run("import os\nos.remove('deep/out.csv')")).files).toEqual([]);
    expect((await session.listFiles()).map(({ name }) => name)).toEqual(['tall ø.csv']);
  });

  it('keeps figures that were shown as PNG files', async () => {
    const png = Buffer.from('89504e470d0a1a0a00', 'hex').toString('base64');
    const session = await interpreter.session('shared');
    const result = await session.run(`# display ${png}\nNone`);
    expect(result.images).toEqual([{ name: 'figure-1.png', size: 9 }]);
  });

  it('that runs too long loses its sandbox and keeps its files', async () => {
    const own = open({}, { runTimeout: 1_500 });
    const session = await fresh(own);
    await session.run("x = 1\nopen('kept.txt', 'w').write('kept')");
    const result = await session.run('print("started")\nwhile True: pass');
    expect(result).toMatchObject({ outcome: 'limited', logs: 'started\n' });
    const next = await session.run("print(open('kept.txt').read())\nx");
    expect(next.logs).toBe('kept\n');
    expect(next.traceback).toMatch(/NameError[^]*Python was restarted/);
    await own.close();
  });

  it('ends at once with its signal', async () => {
    const session = await fresh();
    const controller = new AbortController();
    const result = await session.run('print("go")\nwhile True: pass', {
      signal: controller.signal,
      onStdout: () => controller.abort(),
    });
    expect(result.outcome).toBe('cancelled');
    await session.close();
  });

  it('whose machine dies in the middle of a run gets another with its files', async () => {
    const session = await fresh();
    await session.run("open('kept.txt', 'w').write('kept')");
    const result = await session.run('import os\nos._exit(1)');
    expect(result.outcome).toBe('limited');
    expect(result.notice).toMatch(
      /Python ended in the middle of the run, or its sandbox could not be reached/,
    );
    expect((await session.run("open('kept.txt').read()")).value).toBe("'kept'");
    await session.close();
  });

  it.each([
    ['the control plane', (path: string) => path.endsWith('/timeout'), 404, 'sandbox not found'],
    ['the proxy', (path: string) => path === '/execute', 502, 'The sandbox was not found'],
  ])(
    'whose machine is gone between two runs, as %s says, runs the next on another',
    async (_, at, status, message) => {
      const session = await fresh();
      await session.run("variable = 1\nopen('kept.txt', 'w').write('kept')");
      let answers = 0;
      service.intercept = ({ url = '' }, response) => {
        if (!at(new URL(url, service.address).pathname) || answers > 0) return false;
        answers += 1;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ code: status, message }));
        return true;
      };
      await expectFilesOnly(session);
      expect(answers).toBe(1);
      await session.close();
    },
  );

  it('leaves no machine behind', async () => {
    const before = service.machines.size;
    const own = open();
    const [one, two] = [await fresh(own), await fresh(own)];
    await one.run('1');
    await two.run('1');
    expect(service.machines.size).toBe(before + 2);
    await one.close();
    expect(service.machines.size).toBe(before + 1);
    await own.close();
    expect(service.machines.size).toBe(before);
  });
});

describe('a sandbox at E2B', () => {
  const created = (): Record<string, unknown> =>
    JSON.parse(service.requests.find(({ path }) => path === '/v2/sandboxes')!.body) as Record<
      string,
      unknown
    >;

  it('is asked for with the key, without internet, for longer than a session keeps it', async () => {
    const own = open({ metadata: { app: 'demo' } }, { idleTimeout: 120_000, runTimeout: 30_000 });
    await (await fresh(own)).run('1');
    expect(service.requests[0]!.key).toBe('e2b_0123');
    expect(created()).toMatchObject({
      templateID: 'code-interpreter-v1',
      allow_internet_access: false,
      timeout: 210,
      metadata: { app: 'demo' },
    });
    await own.close();
  });

  it('has the template and the internet that were asked for', async () => {
    const own = open({ template: 'mine', internet: true });
    await (await fresh(own)).run('1');
    expect(created()).toMatchObject({ templateID: 'mine', allow_internet_access: true });
    await own.close();
  });

  it('that is refused says why', async () => {
    service.intercept = (_, response) => {
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ code: 401, message: 'Invalid API key' }));
      return true;
    };
    const own = open();
    await expect((await fresh(own)).run('1')).rejects.toThrow(/Unauthorized|Invalid API key/);
    await own.close();
  });
});
