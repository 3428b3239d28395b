import { afterEach, describe, expect, it } from 'vitest';
import { toSessionSettings } from './limits.ts';
import type { RunMessage, SessionRequest } from './messages.ts';
import type { ProcessEnd, PythonProcess } from './python-process.ts';
import { SessionDriver } from './session-driver.ts';

type Run = Extract<SessionRequest, { type: 'run' }>;

/** A process that does with a run what the test says. */
class FakeProcess implements PythonProcess {
  readonly sent: SessionRequest[] = [];
  readonly #end = Promise.withResolvers<ProcessEnd>();
  readonly ended = this.#end.promise;
  readonly #serve: (process: FakeProcess, run: Run) => void;
  isAlive = true;
  seconds: number | undefined;
  #listener: ((message: RunMessage) => void | Promise<void>) | undefined;

  constructor(serve: (process: FakeProcess, run: Run) => void) {
    this.#serve = serve;
  }

  listen(listener: ((message: RunMessage) => void | Promise<void>) | undefined): void {
    this.#listener = listener;
  }
  say(message: RunMessage): void {
    void this.#listener?.(message);
  }
  async send(message: SessionRequest): Promise<void> {
    this.sent.push(message);
    if (message.type === 'run') this.#serve(this, message);
  }
  die(killed = false): void {
    this.isAlive = false;
    this.#end.resolve({ killed, reason: 'exit code 1' });
  }
  hold(): void {}
  release(): void {}
  computed = async (): Promise<number | undefined> => this.seconds;
  excess = async (): Promise<undefined> => undefined;
  kill(): void {
    this.die(true);
  }
  async end(): Promise<void> {
    this.kill();
  }
}

const die = (process: FakeProcess): void => process.die();
const beginAndDie = (process: FakeProcess, { id }: Run): void => {
  process.say({ type: 'began', id });
  process.die();
};
const answer = (process: FakeProcess, { id, code }: Run): void => {
  const traceback = code === 'x' ? "NameError: name 'x' is not defined" : undefined;
  process.say({ type: 'began', id });
  process.say({ type: 'result', id, value: code, traceback, omittedBytes: 0, removed: [], refused: [] });
};
const nothing = (): void => {};

const drivers: SessionDriver[] = [];
afterEach(() => Promise.all(drivers.splice(0).map((driver) => driver.close())));

/** A session whose processes, one after the other, do as said. */
async function sessionOf(...servings: ((process: FakeProcess, run: Run) => void)[]) {
  const processes: FakeProcess[] = [];
  const driver = new SessionDriver({
    name: 'fake',
    description: '',
    settings: toSessionSettings('fake', { warmProcesses: 0 }, { default: 1, least: 1 }),
    requireMachine: () => {},
    starter: {
      start: async () => {
        const process = new FakeProcess(servings[processes.length] ?? answer);
        processes.push(process);
        return process;
      },
      close: async () => {},
    },
  });
  drivers.push(driver);
  return { session: await driver.session('1'), processes };
}

describe('a run whose process ends', () => {
  it('before the code began is carried out on another, with the files', async () => {
    const { session, processes } = await sessionOf(die);
    await session.writeFile('a.txt', Uint8Array.of(1));
    expect(await session.run('code')).toMatchObject({ outcome: 'completed', value: 'code' });
    expect(processes.map(({ sent }) => sent.map(({ type }) => type))).toEqual([
      ['put', 'run'],
      ['put', 'run'],
    ]);
  });

  it('after the code began is never carried out again', async () => {
    const { session, processes } = await sessionOf(beginAndDie);
    const result = await session.run('code');
    expect(result).toMatchObject({ outcome: 'limited' });
    expect(result.notice).toMatch(/^Python ended in the middle of the run/);
    expect(processes.length).toBe(1);
  });

  it.each<[string, RunMessage]>([
    ['written', { type: 'output', id: 1, stream: 'stdout', text: 'x' }],
    ['made a file', { type: 'file', id: 1, name: 'x', bytes: new Uint8Array() }],
  ])('after the code has %s is taken to have begun, whatever else was said', async (_, message) => {
    const { session, processes } = await sessionOf((process) => {
      process.say(message);
      process.die();
    });
    expect((await session.run('code')).outcome).toBe('limited');
    expect(processes.length).toBe(1);
  });

  it('twice before the code began says so', async () => {
    const { session, processes } = await sessionOf(die, die);
    const result = await session.run('code');
    expect(result.outcome).toBe('limited');
    expect(result.notice).toMatch(/^Python ended twice before the code began/);
    expect(processes.length).toBe(2);
    expect((await session.run('next')).value).toBe('next');
  });

  it('before any code began on it has lost no variables, and is not said to have', async () => {
    const { session } = await sessionOf(die);
    expect((await session.run('x')).traceback).toBe("NameError: name 'x' is not defined");
  });

  it('between two runs is said to have lost the variables, once a name is missed', async () => {
    const { session, processes } = await sessionOf(answer);
    await session.run('x = 1');
    processes[0]!.die();
    expect((await session.run('x')).traceback).toMatch(
      /NameError.*\nPython was restarted since an earlier run/,
    );
  });

  it('by the signal, before the code began, is not carried out again', async () => {
    const controller = new AbortController();
    const { session, processes } = await sessionOf(() => controller.abort());
    expect((await session.run('code', { signal: controller.signal })).outcome).toBe('cancelled');
    expect(processes.length).toBe(1);
  });

  it('with the session, before the code began, is not carried out again', async () => {
    const { session, processes } = await sessionOf(nothing);
    const run = session.run('code');
    await expect.poll(() => processes[0]?.sent.length).toBe(1);
    await session.close();
    expect((await run).outcome).toBe('cancelled');
    expect(processes.length).toBe(1);
  });
});
