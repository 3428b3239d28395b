import type { CodeRunOptions, CodeRunResult, RunOutcome } from '../port.ts';
import type { FileStore } from './file-store.ts';
import { normaliseName } from './file-store.ts';
import { isImage } from './image.ts';
import type { SessionSettings } from './limits.ts';
import type { ResultMessage, RunMessage } from './messages.ts';
import type { ProcessEnd, PythonProcess } from './python-process.ts';

/** One run of code in one process, seen from the parent. */
export interface Cell {
  id: number;
  code: string;
  process: PythonProcess;
  store: FileStore;
  settings: SessionSettings;
  options: CodeRunOptions;
  /** Called once, as soon as the code may have begun. */
  onBegin: () => void;
}

/**
 * Runs a cell to its end: Python's, a limit's or the signal's. In the last two cases the process is dead. Answers with
 * undefined when the process ended by itself before the code began: then the cell may be run once more on another.
 */
export function runCell(cell: Cell): Promise<CodeRunResult | undefined> {
  return new CellRun(cell).start();
}

/** The result of a run whose signal ended it before it began. */
export function cancelledResult(): CodeRunResult {
  return nothingRun('cancelled', 'The run was cancelled before it began.');
}

/** The result of a run whose second process ended, as the first, before the code began. */
export function unbegunResult(): CodeRunResult {
  return nothingRun(
    'limited',
    'Python ended twice before the code began: nothing of it was carried out. Files are kept, variables are lost.',
  );
}

function nothingRun(outcome: RunOutcome, notice: string): CodeRunResult {
  return {
    outcome,
    logs: '',
    value: undefined,
    traceback: undefined,
    notice,
    files: [],
    images: [],
    duration: 0,
  };
}

class CellRun {
  readonly #cell: Cell;
  readonly #started = performance.now();
  readonly #logs: string[] = [];
  readonly #files = new Map<string, { size: number; isImage: boolean }>();
  readonly #notes: string[] = [];
  readonly #finish = Promise.withResolvers<CodeRunResult | undefined>();
  #length = 0;
  #isCut = false;
  /** Files reach the store one after the other, and all of them before the result is told. */
  #carrying: Promise<void> = Promise.resolve();
  #received = 0;
  #receivedBytes = 0;
  #hasBegun = false;
  #isOver = false;

  constructor(cell: Cell) {
    this.#cell = cell;
  }

  async start(): Promise<CodeRunResult | undefined> {
    const { process, settings, options, id, code } = this.#cell;
    const { signal } = options;
    const stop = (): void =>
      this.#kill('cancelled', 'The run was cancelled. Files from earlier runs are kept, variables are lost.');
    const timer = setTimeout(() => {
      const seconds = settings.runTimeout / 1000;
      this.#kill(
        'limited',
        `The code ran longer than ${seconds} seconds and was ended. Files from earlier runs are kept, variables are lost.`,
      );
    }, settings.runTimeout);
    const watch = setInterval(() => void this.#checkExcess(), 250);
    const pulse = setInterval(() => this.#tellAlive(), 1_000);
    process.hold();
    process.listen((message) => this.#hear(message));
    void process.ended.then((end) => this.#processEnded(end));
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted === true) stop();
    // The child ends itself if nobody does, a little later than we would.
    void process.send({ type: 'run', id, code, milliseconds: settings.runTimeout + 5_000 });
    try {
      return await this.#finish.promise;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      clearInterval(pulse);
      signal?.removeEventListener('abort', stop);
      process.listen(undefined);
      process.release();
    }
  }

  #hear(message: RunMessage): void | Promise<void> {
    if (this.#isOver || message.id !== this.#cell.id) return;
    // Whatever a process says of a run, it says because the run has begun.
    if (!this.#hasBegun) this.#cell.onBegin();
    this.#hasBegun = true;
    if (message.type === 'output') this.#write(message.stream, message.text);
    else if (message.type === 'cut') this.#isCut = true;
    else if (message.type === 'file') return this.#carry(message.name, message.bytes);
    else if (message.type === 'result') this.#end(message);
  }

  #write(stream: 'stdout' | 'stderr', text: string): void {
    // The child has cut the output already, to the byte; this holds for one that did not.
    const kept = text.slice(0, Math.max(0, this.#cell.settings.outputLimit - this.#length));
    if (kept.length < text.length) this.#isCut = true;
    if (kept === '') return;
    this.#length += kept.length;
    this.#logs.push(kept);
    const { onStdout, onStderr } = this.#cell.options;
    tell(stream === 'stdout' ? onStdout : onStderr, kept);
  }

  #tellAlive(): void {
    tell(this.#cell.options.onAlive, { elapsed: Math.round(performance.now() - this.#started) });
  }

  #carry(rawName: string, bytes: Uint8Array): void | Promise<void> {
    const { settings, store } = this.#cell;
    this.#received += 1;
    this.#receivedBytes += bytes.length;
    // All files twice, and each again now and then: no honest run comes near.
    if (
      this.#received > settings.fileCountLimit * 4 ||
      this.#receivedBytes > settings.totalSizeLimit * 4 + settings.fileSizeLimit
    ) {
      this.#kill('limited', 'The code made too many files and was ended. Variables are lost.');
      return;
    }
    const name = normaliseName(rawName);
    if (name === undefined) {
      this.#note(`The file ${JSON.stringify(rawName.slice(0, 200))} was not kept: its name is not allowed.`);
      return;
    }
    this.#carrying = this.#carrying.then(async () => {
      const refusal = await store.write(name, bytes);
      if (refusal === undefined) this.#files.set(name, { size: bytes.length, isImage: isImage(name, bytes) });
      else this.#note(`A file was not kept: ${refusal}`);
    });
    return this.#carrying.catch((error: unknown) => this.#finish.reject(error));
  }

  #note(text: string): void {
    if (this.#notes.length < 10) this.#notes.push(text);
  }

  #end(message: ResultMessage): void {
    this.#isOver = true;
    for (const { name, reason } of message.refused) {
      this.#note(`The file ${JSON.stringify(name.slice(0, 200))} was not kept: ${reason}.`);
    }
    if (message.omittedBytes > 0) this.#isCut = true;
    const { value, traceback, omittedBytes } = message;
    const finish = async (): Promise<void> => {
      await this.#carrying;
      for (const raw of message.removed) {
        const name = normaliseName(raw);
        if (name === undefined) continue;
        await this.#cell.store.remove(name);
        // It may have been carried out in the middle of the run.
        this.#files.delete(name);
      }
      const outcome = traceback === undefined ? 'completed' : 'failed';
      this.#finish.resolve(this.#result(outcome, { value, traceback, notice: undefined, omittedBytes }));
    };
    finish().catch((error: unknown) => this.#finish.reject(error));
  }

  #kill(outcome: RunOutcome, notice: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#cell.process.kill();
    this.#settleDead(outcome, notice);
  }

  #processEnded({ reason, notice }: ProcessEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#hasBegun) return this.#finish.resolve(undefined);
    const cause = /out of memory|memory access out of bounds|bad_alloc/i.test(reason)
      ? 'Python ran out of memory and was ended.'
      : 'Python ended in the middle of the run (a call such as os._exit, or a crash).';
    this.#settleDead('limited', `${notice ?? cause} Files from earlier runs are kept, variables are lost.`);
  }

  /** Files that were carried out before the end are on their way to the store; the next run must find them there. */
  #settleDead(outcome: RunOutcome, notice: string): void {
    const settle = (): void =>
      this.#finish.resolve(
        this.#result(outcome, { value: undefined, traceback: undefined, notice, omittedBytes: 0 }),
      );
    this.#carrying.then(settle, (error: unknown) => this.#finish.reject(error));
  }

  async #checkExcess(): Promise<void> {
    const excess = await this.#cell.process.excess();
    if (excess !== undefined) {
      this.#kill('limited', `${excess} Files from earlier runs are kept, variables are lost.`);
    }
  }

  #result(
    outcome: RunOutcome,
    end: Pick<CodeRunResult, 'value' | 'traceback' | 'notice'> & { omittedBytes: number },
  ): CodeRunResult {
    const files = [...this.#files]
      .map(([name, { size }]) => ({ name, size }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
    let logs = this.#logs.join('');
    const notes = [...this.#notes];
    if (this.#isCut) {
      const what = end.omittedBytes > 0 ? `${end.omittedBytes.toLocaleString('en')} more bytes` : 'The rest';
      notes.unshift(
        `${what} of output left out; a run may write ${this.#cell.settings.outputLimit.toLocaleString('en')}.`,
      );
    }
    if (notes.length > 0) {
      logs += `${logs === '' || logs.endsWith('\n') ? '' : '\n'}${notes.map((note) => `[${note}]\n`).join('')}`;
    }
    return {
      outcome,
      logs,
      value: end.value,
      traceback: end.traceback,
      notice: end.notice,
      files,
      images: files.filter(({ name }) => this.#files.get(name)?.isImage === true),
      duration: Math.round(performance.now() - this.#started),
    };
  }
}

function tell<T>(listener: ((value: T) => void) | undefined, value: T): void {
  try {
    listener?.(value);
  } catch (error) {
    // A listener's mistake is its owner's to see, and no reason to lose the run.
    queueMicrotask(() => {
      throw error;
    });
  }
}
