import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import type { SessionSettings } from '../sessions/limits.ts';
import type { RunMessage } from '../sessions/messages.ts';
import type { ProcessEnd, PythonProcess } from '../sessions/python-process.ts';
import type { Frame } from './child/frames.mts';
import { encodeFrame, FrameReader } from './child/frames.mts';
import { childDirectory, childProgram } from './locate.ts';
import { parseChildMessage } from './messages.ts';
import type { BootMessage, ParentMessage } from './messages.ts';
import { PackageDelivery } from './packages/package-delivery.ts';
import type { Packages } from './packages/packages.ts';

/** Linux counts in these wherever Node runs. */
const ticksPerSecond = 100;

/** The largest JSON that a child has reason to send is a result with two long texts and the names of many files. */
const headerBytes = 4 * 2 ** 20;
/** A snapshot comes from a child that runs nobody's code. */
const snapshotBytes = 512 * 2 ** 20;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const living = new Set<Child>();

function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** The processes that live at this moment. */
export function livingProcessIds(): number[] {
  return [...living].flatMap(({ pid }) => pid ?? []);
}

/** What a process may take, and what it may ask for. */
export interface SandboxTerms extends Pick<
  SessionSettings,
  'memoryLimit' | 'outputLimit' | 'fileSizeLimit' | 'totalSizeLimit' | 'fileCountLimit'
> {
  /** Undefined when there is the standard library only. */
  packages: Packages | undefined;
}

/** One child process that is to become a Python. */
export class SandboxProcess implements PythonProcess {
  /** Settles when Python stands; rejects when it never will. */
  readonly booted: Promise<Uint8Array | undefined>;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Child;
  readonly #terms: SandboxTerms;
  readonly #delivery: PackageDelivery | undefined;
  #listener: ((message: RunMessage) => void | Promise<void>) | undefined;
  #killed = false;
  #isAlive = true;
  #lastWords = '';
  /** Messages since the last run began. */
  #heard = 0;
  #holds = 0;

  constructor(boot: BootMessage, terms: SandboxTerms) {
    this.#terms = terms;
    const readable = [`${boot.pyodideDirectory}/*`, `${childDirectory}/*`, boot.snapshotPath];
    const rights = [
      '--permission',
      ...readable.filter((path) => path !== undefined).map((path) => `--allow-fs-read=${path}`),
      '--no-experimental-sqlite',
      '--disallow-code-generation-from-strings',
      '--disable-proto=throw',
      '--max-old-space-size=256',
      '--no-warnings',
    ];
    // Pipes of our own framing instead of Node's channel: that one parses whatever arrives before anybody can look at
    // it, keeps up to four gigabytes waiting for the end of one message, and passes handles.
    this.#child = spawn(process.execPath, [...rights, childProgram], {
      cwd: boot.pyodideDirectory,
      env: {},
      stdio: ['pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    if (terms.packages !== undefined)
      this.#delivery = new PackageDelivery(terms.packages, (message) => this.send(message));
    if (living.size === 0) process.on('exit', killAll);
    living.add(this.#child);
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-4_000);
    });
    const booted = Promise.withResolvers<Uint8Array | undefined>();
    const bodyBytes = boot.makeSnapshot ? snapshotBytes : terms.fileSizeLimit;
    const heard = this.#read(new FrameReader({ headerBytes, bodyBytes }), booted.resolve);
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#isAlive = false;
        this.#delivery?.close();
        living.delete(this.#child);
        if (living.size === 0) process.off('exit', killAll);
        resolve({ killed: this.#killed, reason: this.#lastWords === '' ? how : this.#lastWords });
      };
      // Not `exit`: what the process said before its end is still on its way.
      this.#child.once('close', (code, signal) => void heard.then(() => end(signal ?? `exit code ${code}`)));
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
    this.booted = booted.promise;
    this.booted.catch(() => {});
    // A pipe whose reader is gone; the end of the process tells.
    this.#child.stdin.on('error', () => {});
    void this.ended.then(({ reason }) => booted.reject(new Error(`Python could not be started: ${reason}`)));
    void this.send(boot);
    this.#setRef('unref');
  }

  #setRef(way: 'ref' | 'unref'): void {
    const { stdin, stdout, stderr } = this.#child;
    // They are sockets, whatever their types say.
    for (const owner of [this.#child, stdin, stdout, stderr] as unknown as Socket[]) owner[way]();
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#killed;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** One message after the other: what the listener has to do with one is done before the next is read. */
  async #read(reader: FrameReader, booted: (snapshot: Uint8Array | undefined) => void): Promise<void> {
    try {
      for await (const chunk of this.#child.stdout as AsyncIterable<Uint8Array>) {
        for (const frame of reader.push(chunk)) {
          const message = parseChildMessage(frame);
          this.#heard += 1;
          if (message === undefined || this.#heard > this.#mostMessages)
            throw new RangeError('It sent a message outside of the contract.');
          if (message.type === 'booted') booted(message.bytes);
          else if (message.type === 'broken') this.#lastWords = message.reason;
          else if (message.type === 'import') this.#delivery?.answer(message.id, message.module);
          else await this.#listener?.(message);
        }
      }
    } catch (error) {
      this.#lastWords ||= error instanceof Error ? error.message : String(error);
      this.kill();
    }
  }

  /** Output byte by byte, every file four times, and imports: no honest run comes near. */
  get #mostMessages(): number {
    return this.#terms.outputLimit + 4 * this.#terms.fileCountLimit + 10_000;
  }

  listen(listener: ((message: RunMessage) => void | Promise<void>) | undefined): void {
    this.#listener = listener;
  }

  send(message: ParentMessage): Promise<void> {
    if (message.type === 'run') this.#heard = 0;
    return new Promise((resolve) => {
      const { stdin } = this.#child;
      if (!this.#isAlive || stdin.destroyed) return resolve();
      const pieces = encodeFrame(message as unknown as Frame);
      pieces.forEach((piece, index) =>
        stdin.write(piece, () => {
          if (index === pieces.length - 1) resolve();
        }),
      );
    });
  }

  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#setRef('ref');
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#setRef('unref');
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
    const { memoryLimit, totalSizeLimit } = this.#terms;
    // Packages lie in memory too, packed and unpacked.
    const packages = 8 * (this.#delivery?.givenBytes ?? 0);
    try {
      const pages = (await readFile(`/proc/${this.pid}/statm`, 'utf8')).split(' ')[1];
      if (Number(pages) * 4096 <= memoryLimit + totalSizeLimit + packages + 512 * 2 ** 20) return undefined;
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
