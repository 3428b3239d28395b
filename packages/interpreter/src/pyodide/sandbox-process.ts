import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { SessionSettings } from '../sessions/limits.ts';
import type { RunMessage } from '../sessions/messages.ts';
import type { ProcessEnd, PythonProcess } from '../sessions/python-process.ts';
import { childDirectory, childProgram } from './locate.ts';
import { parseChildMessage } from './messages.ts';
import type { BootMessage, ParentMessage } from './messages.ts';

/** Linux counts in these wherever Node runs. */
const ticksPerSecond = 100;

const living = new Set<ChildProcess>();

function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** The processes that live at this moment. */
export function livingProcessIds(): number[] {
  return [...living].flatMap(({ pid }) => pid ?? []);
}

/** One child process that is to become a Python. */
export class SandboxProcess implements PythonProcess {
  /** Settles when Python stands; rejects when it never will. */
  readonly booted: Promise<Uint8Array | undefined>;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #limits: Pick<SessionSettings, 'memoryLimit' | 'totalSizeLimit'>;
  #listener: ((message: RunMessage) => void) | undefined;
  #killed = false;
  #isAlive = true;
  #lastWords = '';
  #holds = 0;

  constructor(boot: BootMessage, limits: Pick<SessionSettings, 'memoryLimit' | 'totalSizeLimit'>) {
    this.#limits = limits;
    const readable = [`${boot.pyodideDirectory}/*`, `${childDirectory}/*`, boot.snapshotPath];
    this.#child = fork(childProgram, [], {
      cwd: boot.pyodideDirectory,
      env: {},
      execArgv: [
        '--permission',
        ...readable.filter((path) => path !== undefined).map((path) => `--allow-fs-read=${path}`),
        '--no-experimental-sqlite',
        '--disallow-code-generation-from-strings',
        '--disable-proto=throw',
        '--max-old-space-size=256',
        '--no-warnings',
      ],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    if (living.size === 0) process.on('exit', killAll);
    living.add(this.#child);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-4_000);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#isAlive = false;
        living.delete(this.#child);
        if (living.size === 0) process.off('exit', killAll);
        resolve({ killed: this.#killed, reason: this.#lastWords === '' ? how : this.#lastWords });
      };
      this.#child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
    this.booted = this.#boot(boot);
    this.booted.catch(() => {});
    this.#child.unref();
    this.#child.channel?.unref();
    (this.#child.stderr as { unref?(): void } | null)?.unref?.();
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#killed;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #boot(message: BootMessage): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#child.on('message', (raw) => {
        if (this.#killed) return;
        const parsed = parseChildMessage(raw);
        if (parsed === undefined) {
          this.#lastWords = 'It sent a message outside of the contract.';
          this.kill();
        } else if (parsed.type === 'booted') resolve(parsed.snapshot);
        else if (parsed.type === 'broken') this.#lastWords = parsed.reason;
        else this.#listener?.(parsed);
      });
      void this.ended.then(({ reason }) => reject(new Error(`Python could not be started: ${reason}`)));
      void this.send(message);
    });
  }

  listen(listener: ((message: RunMessage) => void) | undefined): void {
    this.#listener = listener;
  }

  send(message: ParentMessage): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#child.connected) return resolve();
      this.#child.send(message, () => resolve());
    });
  }

  hold(): void {
    this.#holds += 1;
    if (this.#holds > 1) return;
    this.#child.ref();
    this.#child.channel?.ref();
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds > 0) return;
    this.#child.unref();
    this.#child.channel?.unref();
  }

  async computed(): Promise<number | undefined> {
    try {
      const status = await readFile(`/proc/${this.pid}/stat`, 'utf8');
      // The name of the program stands in brackets and may hold anything.
      const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
      return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
    } catch {
      return undefined;
    }
  }

  /** WebAssembly's own limit holds Python; this holds what lies beside it, where the system can tell. */
  async excess(): Promise<string | undefined> {
    const { memoryLimit, totalSizeLimit } = this.#limits;
    try {
      const pages = (await readFile(`/proc/${this.pid}/statm`, 'utf8')).split(' ')[1];
      if (Number(pages) * 4096 <= memoryLimit + totalSizeLimit + 512 * 2 ** 20) return undefined;
      return 'Python used too much memory and was ended.';
    } catch {
      return undefined;
    }
  }

  kill(): void {
    this.#killed = true;
    this.#child.kill('SIGKILL');
  }

  async end(): Promise<void> {
    this.hold();
    this.kill();
    await this.ended;
    this.release();
  }
}
