import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Duplex } from 'node:stream';
import { parseRunMessage } from '../sessions/messages.ts';
import type { RunMessage, SessionRequest } from '../sessions/messages.ts';
import type { ProcessEnd, PythonProcess } from '../sessions/python-process.ts';
import { encodeFrame, FrameReader } from './frames.ts';
import type { Frame } from './frames.ts';

/** What to start, and what its frames may hold. */
export interface SandboxCommand {
  program: string;
  arguments: string[];
  filter: Buffer | undefined;
  fileBytes: number;
}

/** Why the supervisor has ended everything, in words for the model. */
const reasons: Record<string, string> = {
  memory: 'Python and the processes that it started used too much memory and were ended.',
  files: 'The code made too many files and was ended.',
};

/** Nobody: a user that owns nothing, so that limits which do not hold for root hold for the sandbox. */
const nobody = 65534;
const living = new Set<KernelProcess>();

/** This process ends: what is not there yet must not come after it. */
function killAll(): void {
  for (const process of living) process.killNow();
}

/** The ids of the processes that live at this moment: of each sandbox the first one within, or bwrap itself. */
export function livingProcessIds(): number[] {
  return [...living].flatMap((process) => process.pid ?? []);
}

/** One sandbox with its supervisor and its kernel, seen from the host. */
export class KernelProcess implements PythonProcess {
  /** Settles when Python stands; rejects when it never will. */
  readonly booted: Promise<void>;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #host: Duplex;
  readonly #errors: Duplex;
  readonly #boot = Promise.withResolvers<void>();
  /** Settles when bwrap has said which process is the sandbox's first. */
  readonly #informed: Promise<void>;
  #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  #listener: ((message: RunMessage) => void | Promise<void>) | undefined;
  #first: number | undefined;
  #killed = false;
  #isAlive = true;
  #lastWords = '';
  #notice: string | undefined;
  #holds = 0;

  constructor(command: SandboxCommand) {
    const isRoot = process.getuid?.() === 0;
    this.#child = spawn(command.program, command.arguments, {
      cwd: '/',
      env: {},
      // From 3 on as in `descriptors` of sandbox.ts.
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
      ...(isRoot ? { uid: nobody, gid: nobody } : {}),
    });
    if (living.size === 0) process.on('exit', killAll);
    living.add(this);
    const [, , errors, host, filter, info] = this.#child.stdio as unknown as Duplex[];
    this.#host = host!;
    this.#errors = errors!;
    // A pipe to a process that ends breaks; `ended` tells of that.
    for (const stream of [errors!, host!, filter!, info!]) stream.on('error', () => {});
    filter![command.filter === undefined ? 'destroy' : 'end'](command.filter as never);
    this.#informed = new Promise((resolve) => {
      info!.setEncoding('utf8').once('data', (text: string) => {
        this.#first = Number(/"child-pid": *(\d+)/.exec(text)?.[1]) || undefined;
        if (this.#killed) this.#killFirst();
        resolve();
      });
      info!.once('close', resolve);
    });
    errors!.setEncoding('utf8').on('data', (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-4_000);
    });
    const heard = this.#hear(new FrameReader(command.fileBytes + 2 ** 22));
    this.ended = new Promise((resolve) => {
      const end = (how: string): void => {
        this.#isAlive = false;
        living.delete(this);
        if (living.size === 0) process.off('exit', killAll);
        const reason = this.#lastWords === '' ? how : this.#lastWords;
        resolve({ killed: this.#killed, reason, notice: this.#notice });
      };
      // `close` and not `exit`: what it said last is heard by then.
      this.#child.once('close', (code, signal) => void heard.then(() => end(signal ?? `exit code ${code}`)));
      this.#child.once('error', (error) => {
        if (this.#child.pid === undefined) end(error.message);
      });
    });
    this.booted = this.#boot.promise;
    this.booted.catch(() => {});
    void this.ended.then(({ reason }) =>
      this.#boot.reject(new Error(`Python could not be started in bubblewrap: ${reason}`)),
    );
    for (const stream of [filter!, info!]) (stream as unknown as { unref(): void }).unref();
    this.#setHold(false);
  }

  get isAlive(): boolean {
    return this.#isAlive && !this.#killed;
  }

  get pid(): number | undefined {
    return this.#first ?? this.#child.pid;
  }

  /** One message after the other: what the listener has to do with one is done before the next is read. */
  async #hear(reader: FrameReader): Promise<void> {
    try {
      for await (const chunk of this.#host as AsyncIterable<Buffer>) {
        for (const frame of reader.push(chunk)) {
          if (this.#killed) return;
          await this.#read(frame);
        }
      }
    } catch {
      if (this.#killed) return;
      this.#lastWords ||= 'It sent a message outside of the contract.';
      this.kill();
    }
  }

  #read({ kind, payload }: Frame): void | Promise<void> {
    // A process that stands has its last number.
    if (kind === 'B') return this.#informed.then(this.#boot.resolve);
    if (kind === 'X') {
      this.#notice = reasons[payload.toString('latin1')];
      return undefined;
    }
    const message = parseRunMessage(this.#toMessage(kind, payload));
    if (message === undefined) throw new TypeError('No message of the supervisor.');
    return this.#listener?.(message);
  }

  #toMessage(kind: string, payload: Buffer): unknown {
    if (kind === 'D') {
      const result = JSON.parse(payload.toString()) as Record<string, unknown>;
      return { ...result, value: result.value ?? undefined, traceback: result.traceback ?? undefined };
    }
    const id = payload.readUInt32BE();
    if (kind === 'S') return { type: 'began', id };
    if (kind === 'C') return { type: 'cut', id };
    if (kind === 'F') {
      const end = 6 + payload.readUInt16BE(4);
      return { type: 'file', id, name: payload.toString('utf8', 6, end), bytes: payload.subarray(end) };
    }
    if (kind !== 'O' && kind !== 'E') return undefined;
    const stream = kind === 'O' ? 'stdout' : 'stderr';
    const text = this.#decoders[stream].decode(payload.subarray(4), { stream: true });
    return { type: 'output', id, stream, text };
  }

  listen(listener: ((message: RunMessage) => void | Promise<void>) | undefined): void {
    this.#listener = listener;
  }

  send(message: SessionRequest): Promise<void> {
    const head = Buffer.alloc(8);
    if (message.type === 'put') {
      const name = Buffer.from(message.name);
      head.writeUInt16BE(name.length);
      return this.#write(encodeFrame('P', head.subarray(0, 2), name, message.bytes));
    }
    // Half a character at the end of a run is no start of the next one's output.
    this.#decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    head.writeUInt32BE(message.id);
    head.writeUInt32BE(message.milliseconds, 4);
    return this.#write(encodeFrame('R', head, Buffer.from(message.code)));
  }

  #write(frame: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isAlive || !this.#host.writable) resolve();
      else this.#host.write(frame, () => resolve());
    });
  }

  hold(): void {
    this.#holds += 1;
    if (this.#holds === 1) this.#setHold(true);
  }

  release(): void {
    this.#holds -= 1;
    if (this.#holds === 0) this.#setHold(false);
  }

  #setHold(isHeld: boolean): void {
    const method = isHeld ? 'ref' : 'unref';
    this.#child[method]();
    for (const stream of [this.#host, this.#errors]) {
      if (!stream.destroyed) (stream as unknown as Record<typeof method, () => void>)[method]();
    }
  }

  /** The supervisor watches what happens between runs. */
  async computed(): Promise<undefined> {}

  /** The supervisor counts, and ends what takes too much. */
  async excess(): Promise<undefined> {}

  /**
   * With its first process the kernel ends all of the sandbox, and bwrap leaves when none of them is left. Until bwrap has
   * named it, we wait: a bwrap killed between making it and letting it go leaves one behind that waits for ever.
   */
  kill(): void {
    if (!this.#isAlive) return;
    this.#killed = true;
    this.#killFirst();
    this.#host.destroy();
  }

  /** Kills where nothing can be waited for: bwrap is stopped, so that it makes no more while what it has made is ended. */
  killNow(): void {
    const { pid } = this.#child;
    if (this.#first === undefined && pid !== undefined && this.#isAlive) {
      try {
        process.kill(pid, 'SIGSTOP');
        const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
        for (const child of children.split(' ').filter(Boolean)) process.kill(Number(child), 'SIGKILL');
        process.kill(pid, 'SIGKILL');
      } catch {
        // It is gone already.
      }
    }
    this.kill();
  }

  #killFirst(): void {
    try {
      // While bwrap lives, the number belongs to what it has started and to nothing else.
      const { exitCode, signalCode } = this.#child;
      if (exitCode === null && signalCode === null && this.#first !== undefined) {
        process.kill(this.#first, 'SIGKILL');
      }
    } catch {
      // It is gone already.
    }
  }

  async end(): Promise<void> {
    this.hold();
    this.kill();
    await this.ended;
    this.release();
  }
}
