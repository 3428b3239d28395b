import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { DocumentAnswer, DocumentRequest } from './document-worker.ts';
import { ExtractionError, extractText, isQuick } from './extract.ts';

// Bundlers rewrite `new URL('…', import.meta.url)`, but leave `import.meta.url` itself alone.
const program = join(
  dirname(fileURLToPath(import.meta.url)),
  import.meta.url.endsWith('.ts') ? 'document-worker.ts' : 'document-worker.js',
);

/** How long a worker without work is kept: starting one, and loading what reads a PDF, takes longer than most files. */
const idleMilliseconds = 10_000;

/** How often a worker's memory is looked at that V8 itself does not limit: the bytes that a document unpacks to. */
const watchMilliseconds = 100;

/** What a document may take; every one of them is hostile until it has been read. */
export interface DocumentLimits {
  /** @default 120,000 */
  milliseconds?: number;
  /** Of objects, and as much again of unpacked bytes. @default 512 */
  megabytes?: number;
}

interface Seat {
  worker: Worker;
  /** Ends the worker when it has rested for long. */
  timer: NodeJS.Timeout | undefined;
}

/**
 * Reads the text of files in worker threads: however long a document takes, and whatever it does to what reads it, streams
 * go on and other documents are read. A worker reads one document at a time; one that fails in any way is ended.
 */
export class DocumentReader {
  readonly #limits: Required<DocumentLimits>;
  readonly #idle: Seat[] = [];
  readonly #workers = new Set<Worker>();
  #isClosed = false;

  constructor(limits: DocumentLimits = {}) {
    this.#limits = { milliseconds: 120_000, megabytes: 512, ...limits };
  }

  /** The text of a file; rejects with an `ExtractionError` when there is none, and with the signal's reason. */
  async read(bytes: Uint8Array, filename: string, options: { signal: AbortSignal }): Promise<string> {
    const { signal } = options;
    signal.throwIfAborted();
    if (isQuick(bytes, filename)) return extractText(bytes, filename);
    const seat = this.#idle.pop() ?? this.#start();
    clearTimeout(seat.timer);
    let isWell = false;
    try {
      const answer = await this.#ask(seat.worker, { bytes, filename }, signal);
      isWell = !('bug' in answer);
      if ('text' in answer) return answer.text;
      if ('bug' in answer) throw new Error(answer.bug);
      throw new ExtractionError(answer.code, answer.message, { cause: answer.cause });
    } finally {
      if (isWell && !this.#isClosed) this.#rest(seat);
      else await seat.worker.terminate();
    }
  }

  /** Ends every worker. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(Array.from(this.#workers, (worker) => worker.terminate()));
  }

  #ask(worker: Worker, request: DocumentRequest, signal: AbortSignal): Promise<DocumentAnswer> {
    const { milliseconds, megabytes } = this.#limits;
    const { promise, resolve, reject } = Promise.withResolvers<DocumentAnswer>();
    const tooLarge = () =>
      reject(new ExtractionError('invalid_file', 'Reading the document takes too much memory.'));
    const onAbort = () => reject(signal.reason as Error);
    const onError = (error: Error & { code?: string }) =>
      error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooLarge() : reject(error);
    const maxBytes = megabytes * 2 ** 20 + request.bytes.length * 2;
    const watch = setInterval(() => {
      worker.getHeapStatistics().then(
        (memory) => memory.external_memory > maxBytes && tooLarge(),
        () => {},
      );
    }, watchMilliseconds);
    const onExit = () => reject(new Error('The thread that reads documents has ended.'));
    const timer = setTimeout(() => {
      const message = `The document could not be read within ${milliseconds / 1000} seconds.`;
      reject(new ExtractionError('invalid_file', message));
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
    worker.once('message', resolve).once('error', onError).once('exit', onExit);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(request);
    return promise.finally(() => {
      clearTimeout(timer);
      clearInterval(watch);
      signal.removeEventListener('abort', onAbort);
      worker.off('message', resolve).off('error', onError).off('exit', onExit);
    });
  }

  #start(): Seat {
    const worker = new Worker(program, {
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.megabytes },
      // It needs nothing of ours: no flags, no keys, and what its libraries print is nobody's.
      execArgv: [],
      env: {},
      stdout: true,
      stderr: true,
    });
    const seat: Seat = { worker, timer: undefined };
    worker.stdout.resume();
    worker.stderr.resume();
    // Errors end it, whoever listens; an error that nobody hears would end the process.
    worker.on('error', () => {});
    worker.once('exit', () => this.#forget(seat));
    // While it reads, the clock of its time limit keeps the process; while it rests, nothing should.
    worker.unref();
    this.#workers.add(worker);
    return seat;
  }

  #forget(seat: Seat): void {
    clearTimeout(seat.timer);
    this.#workers.delete(seat.worker);
    const place = this.#idle.indexOf(seat);
    if (place !== -1) this.#idle.splice(place, 1);
  }

  #rest(seat: Seat): void {
    this.#idle.push(seat);
    seat.timer = setTimeout(() => {
      this.#forget(seat);
      void seat.worker.terminate();
    }, idleMilliseconds);
    seat.timer.unref();
  }
}
