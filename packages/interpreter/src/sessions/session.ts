import type { CodeInterpreterSession, CodeRunOptions, CodeRunResult, SandboxFile } from '../port.ts';
import { FileStore, normaliseName } from './file-store.ts';
import type { SessionSettings } from './limits.ts';
import type { PythonProcess } from './python-process.ts';
import { cancelledResult, runCell, unbegunResult } from './run-cell.ts';
import type { Seats } from './seats.ts';
import type { WarmPool } from './warm-pool.ts';

/** How often a resting process is looked at, and the seconds that it may compute while nobody asked it to. */
const restCheck = 1_000;
const restBudget = 2;

/** One Python with its files. The process comes when code is to run and may go between runs; the files stay here. */
export class PythonSession implements CodeInterpreterSession {
  readonly id: string;
  readonly #settings: SessionSettings;
  readonly #pool: WarmPool;
  readonly #seats: Seats;
  readonly #store: FileStore;
  readonly #closing = new AbortController();
  readonly #onClose: () => void;
  #process: PythonProcess | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #runs = 0;
  /** Whether code has begun on the process, so that its variables are lost with it. */
  #isUsed = false;
  /** Whether an earlier process of this session took variables with it. */
  #hasLostVariables = false;

  constructor(id: string, settings: SessionSettings, pool: WarmPool, seats: Seats, onClose: () => void) {
    this.id = id;
    this.#settings = settings;
    this.#pool = pool;
    this.#seats = seats;
    this.#onClose = onClose;
    this.#store = new FileStore({
      fileBytes: settings.fileSizeLimit,
      totalBytes: settings.totalSizeLimit,
      files: settings.fileCountLimit,
    });
  }

  async run(code: string, options: CodeRunOptions = {}): Promise<CodeRunResult> {
    const { signal } = options;
    const turn = this.#inTurn(() => this.#run(code, options));
    if (signal === undefined) return turn;
    const aborted = Promise.withResolvers<CodeRunResult>();
    // Only a run that still waits is answered here; one that runs answers for itself, at once too.
    const abort = (): void => {
      if (this.#running !== options) aborted.resolve(cancelledResult());
    };
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    try {
      return await Promise.race([turn, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
      turn.catch(() => {});
    }
  }

  #running: CodeRunOptions | undefined;

  async #run(code: string, options: CodeRunOptions): Promise<CodeRunResult> {
    const { signal } = options;
    if (signal?.aborted === true) return cancelledResult();
    const ends = AbortSignal.any([this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
    this.#running = options;
    clearTimeout(this.#idle);
    try {
      await this.#seats.take(this, ends);
      const attempt = (): Promise<CodeRunResult | undefined> =>
        this.#attempt(code, { ...options, signal: ends });
      // A process may end while nobody asks, and the run reach it before the news of that is here.
      return (await attempt()) ?? (await attempt()) ?? unbegunResult();
    } catch (error) {
      this.#requireOpen();
      if (signal !== undefined && isAborted(signal)) return cancelledResult();
      throw error;
    } finally {
      this.#running = undefined;
      this.#rest();
    }
  }

  async #attempt(code: string, options: CodeRunOptions & { signal: AbortSignal }) {
    const process = await this.#attach(options.signal);
    this.#runs += 1;
    const result = await runCell({
      id: this.#runs,
      code,
      process,
      store: this.#store,
      settings: this.#settings,
      options,
      onBegin: () => {
        this.#isUsed = true;
        this.#endWatch();
      },
    });
    return result && this.#explainLoss(result);
  }

  /** A name that is gone with the process deserves a reason: the model wrote it, and knows of no process. */
  #explainLoss(result: CodeRunResult): CodeRunResult {
    if (this.#process?.isAlive !== true) return result;
    const { traceback } = result;
    if (!this.#hasLostVariables || traceback === undefined || !/^NameError: /m.test(traceback)) return result;
    const reason =
      'Python was restarted since an earlier run: its variables are gone, the files in /mnt/data are not.';
    return { ...result, traceback: `${traceback}\n${reason}` };
  }

  /** The session's process, or a fresh one with the session's files in it. */
  async #attach(signal: AbortSignal): Promise<PythonProcess> {
    if (this.#process?.isAlive === true) return this.#process;
    this.#forgetProcess();
    const process = await this.#pool.take(signal);
    this.#process = process;
    process.hold();
    try {
      for (const { name } of this.#store.list()) {
        const bytes = await this.#store.read(name);
        signal.throwIfAborted();
        if (bytes !== undefined) await process.send({ type: 'put', name, bytes });
      }
    } catch (error) {
      process.kill();
      throw error;
    } finally {
      process.release();
    }
    return process;
  }

  writeFile(name: string, bytes: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      const normalised = toName(name);
      const refusal = await this.#store.write(normalised, bytes);
      if (refusal !== undefined) throw new RangeError(refusal);
      if (this.#process?.isAlive === true) await this.#process.send({ type: 'put', name: normalised, bytes });
    });
  }

  readFile(name: string): Promise<Uint8Array> {
    return this.#inTurn(async () => {
      const bytes = await this.#store.read(toName(name));
      if (bytes === undefined) throw new Error(`There is no file ${name} in /mnt/data.`);
      return bytes;
    });
  }

  listFiles(): Promise<SandboxFile[]> {
    return this.#inTurn(async () => this.#store.list());
  }

  /** What its code runs in at this moment, if anything. */
  get process(): PythonProcess | undefined {
    return this.#process;
  }

  /** Gives the process back and keeps the files. */
  async park(): Promise<void> {
    clearTimeout(this.#idle);
    const process = this.#process;
    this.#forgetProcess();
    await process?.end();
  }

  #forgetProcess(): void {
    this.#endWatch();
    this.#process = undefined;
    this.#hasLostVariables ||= this.#isUsed;
    this.#isUsed = false;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#onClose();
    await this.park();
    await this.#tail;
    await this.park();
    this.#seats.leave(this);
    await this.#store.close();
  }

  #rest(): void {
    this.#endWatch();
    if (this.#process?.isAlive !== true) {
      this.#seats.leave(this);
      return;
    }
    this.#seats.rest(this);
    if (this.#closing.signal.aborted) return;
    this.#idle = setTimeout(() => {
      if (this.#running !== undefined) return;
      this.#seats.leave(this);
      void this.park();
    }, this.#settings.idleTimeout);
    this.#idle.unref();
    this.#watchRest(this.#process);
  }

  /** A task that the code left behind may wait, but not compute: nobody has asked, and nobody would end it. */
  #watchRest(process: PythonProcess): void {
    let before: number | undefined;
    const watch = setInterval(() => {
      void process.computed().then((seconds) => {
        before ??= seconds;
        if (seconds === undefined || before === undefined || seconds - before <= restBudget) return undefined;
        if (this.#watch !== watch) return undefined;
        // A run that waits for such a task to make room has not begun, and gets another process.
        if (this.#running !== undefined) return process.kill();
        this.#seats.leave(this);
        return this.park();
      });
    }, restCheck);
    this.#watch = watch.unref();
  }

  #endWatch(): void {
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  #requireOpen(): void {
    if (this.#closing.signal.aborted) throw new Error('The session is closed.');
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(() => {
      this.#requireOpen();
      return work();
    });
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

/** Asked through a function, because TypeScript would remember an answer from before the wait. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function toName(name: string): string {
  const normalised = normaliseName(name);
  if (normalised === undefined)
    throw new RangeError(`${JSON.stringify(name)} is no name of a file in /mnt/data.`);
  return normalised;
}
