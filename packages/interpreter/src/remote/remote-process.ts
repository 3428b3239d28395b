import { normaliseName } from '../sessions/file-store.ts';
import type { SessionSettings } from '../sessions/limits.ts';
import type { RunMessage, SessionRequest } from '../sessions/messages.ts';
import type { ProcessEnd, PythonProcess } from '../sessions/python-process.ts';
import { SandboxGone } from './remote-sandbox.ts';
import type { RemoteFile, RemoteSandbox } from './remote-sandbox.ts';

type Run = Extract<SessionRequest, { type: 'run' }>;

/** A hosted sandbox in the place of a process: it carries files out after each run as a local one does by itself. */
export class RemoteProcess implements PythonProcess {
  readonly ended: Promise<ProcessEnd>;
  readonly #sandbox: RemoteSandbox;
  readonly #settings: SessionSettings;
  readonly #end = Promise.withResolvers<ProcessEnd>();
  readonly #known = new Map<string, string>();
  #listener: ((message: RunMessage) => void | Promise<void>) | undefined;
  #isAlive = true;
  #killing: Promise<void> | undefined;
  #figures = 0;
  /** Puts and runs reach the sandbox in the order in which they were sent. */
  #tail: Promise<void> = Promise.resolve();

  constructor(sandbox: RemoteSandbox, settings: SessionSettings) {
    this.#sandbox = sandbox;
    this.#settings = settings;
    this.ended = this.#end.promise;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  listen(listener: ((message: RunMessage) => void | Promise<void>) | undefined): void {
    this.#listener = listener;
  }

  send(message: SessionRequest): Promise<void> {
    const sent = this.#tail.then(async () => {
      if (!this.#isAlive) return;
      try {
        if (message.type === 'run') await this.#run(message);
        else await this.#put(message.name, message.bytes);
      } catch (error) {
        this.#break(error);
      }
    });
    this.#tail = sent;
    // A run tells its end by its result; who sends it waits for nothing else.
    return message.type === 'run' ? Promise.resolve() : sent;
  }

  async #put(name: string, bytes: Uint8Array): Promise<void> {
    await this.#sandbox.writeFile(name, bytes);
    // How it looks from outside is learnt before the next run.
    this.#known.delete(name);
    this.#isListed = false;
  }

  #isListed = false;

  async #run({ id, code, milliseconds }: Run): Promise<void> {
    if (!this.#isListed) await this.#learn();
    if (!this.#isAlive) return;
    let sent = 0;
    let omittedBytes = 0;
    const write = (stream: 'stdout' | 'stderr') => (text: string) => {
      const bytes = Buffer.byteLength(text);
      const room = Math.max(0, this.#settings.outputLimit - sent);
      const kept = bytes <= room ? text : new TextDecoder().decode(Buffer.from(text).subarray(0, room));
      sent += Math.min(bytes, room);
      if (bytes > room) {
        if (omittedBytes === 0) void this.#tell({ type: 'cut', id });
        omittedBytes += bytes - room;
      }
      if (kept !== '') void this.#tell({ type: 'output', id, stream, text: kept });
    };
    const run = this.#sandbox.run(code, {
      timeout: milliseconds,
      onStdout: write('stdout'),
      onStderr: write('stderr'),
    });
    const { value, traceback, images } = await run.catch((error: unknown) => {
      if (!(error instanceof SandboxGone)) void this.#tell({ type: 'began', id });
      throw error;
    });
    for (const { type, bytes } of images) {
      this.#figures += 1;
      await this.#sandbox.writeFile(`figure-${this.#figures}.${type}`, bytes);
    }
    const { removed, refused } = await this.#carryOut(id);
    void this.#tell({ type: 'result', id, value, traceback, omittedBytes, removed, refused });
  }

  /** What is there before the run is no news after it. */
  async #learn(): Promise<void> {
    for (const { name, version } of await this.#sandbox.listFiles()) this.#known.set(name, version);
    this.#isListed = true;
  }

  async #carryOut(id: number): Promise<{ removed: string[]; refused: { name: string; reason: string }[] }> {
    const { fileSizeLimit, totalSizeLimit, fileCountLimit } = this.#settings;
    const found = await this.#sandbox.listFiles();
    const refused: { name: string; reason: string }[] = [];
    const changed = found.filter(({ name, version }) => this.#known.get(name) !== version);
    let total = 0;
    for (const file of changed.slice(0, fileCountLimit * 2)) {
      const reason = this.#refusal(file, total, { fileSizeLimit, totalSizeLimit });
      if (reason !== undefined) refused.push({ name: file.name.slice(0, 200), reason });
      else {
        const bytes = await this.#sandbox.readFile(file.name);
        total += bytes.length;
        await this.#tell({ type: 'file', id, name: file.name, bytes });
      }
    }
    const names = new Set(found.map(({ name }) => name));
    const removed = [...this.#known.keys()].filter((name) => !names.has(name));
    this.#known.clear();
    for (const { name, version } of found) this.#known.set(name, version);
    return { removed, refused };
  }

  /** Asked before a byte of the file has travelled. */
  #refusal(
    { name, size }: RemoteFile,
    total: number,
    limits: { fileSizeLimit: number; totalSizeLimit: number },
  ): string | undefined {
    if (normaliseName(name) === undefined) return 'its name is not allowed';
    if (size > limits.fileSizeLimit) return 'it is too large';
    if (total + size > limits.totalSizeLimit) return 'all files together are too large';
    return undefined;
  }

  #tell(message: RunMessage): void | Promise<void> {
    return this.#isAlive ? this.#listener?.(message) : undefined;
  }

  #break(error: unknown): void {
    if (!this.#isAlive) return;
    const reason = error instanceof Error ? error.message : String(error);
    this.#finish({
      killed: false,
      reason,
      notice: 'Python ended in the middle of the run, or its sandbox could not be reached.',
    });
  }

  #finish(end: ProcessEnd): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#listener = undefined;
    this.#end.resolve(end);
    // The service ends it at the end of its lifetime if this does not reach it.
    this.#killing = this.#sandbox.kill().catch(() => {});
  }

  // A request under way holds the event loop by itself.
  hold(): void {}
  release(): void {}

  computed(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  excess(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  kill(): void {
    this.#finish({ killed: true, reason: 'killed' });
  }

  async end(): Promise<void> {
    this.kill();
    await this.#killing;
  }
}
