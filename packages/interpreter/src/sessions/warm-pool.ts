import type { ProcessStarter, PythonProcess } from './python-process.ts';

/** Keeps some processes ready ahead of the session that will need them. */
export class WarmPool {
  readonly #starter: ProcessStarter;
  readonly #count: number;
  readonly #warm: Promise<PythonProcess>[] = [];
  #isClosed = false;

  constructor(starter: ProcessStarter, count: number) {
    this.#starter = starter;
    this.#count = count;
  }

  /** Fills the pool; resolves when its processes stand. */
  async warm(): Promise<void> {
    while (!this.#isClosed && this.#warm.length < this.#count) {
      const started = this.#starter.start();
      // A failure is told to the session that takes it.
      started.catch(() => {});
      this.#warm.push(started);
    }
    await Promise.all(this.#warm);
  }

  /** A process in which Python stands and nobody's code has run. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<PythonProcess> {
    for (;;) {
      signal.throwIfAborted();
      const warm = this.#warm.shift();
      const started = warm ?? this.#starter.start();
      const taken = await untilAborted(started, signal);
      if (taken === undefined) {
        this.#giveBack(started);
        throw signal.reason;
      }
      if (this.#isClosed) taken.kill();
      else void this.warm().catch(() => {});
      if (taken.isAlive || warm === undefined) return taken;
    }
  }

  /** What starts cannot be stopped; so that runs which are cancelled at once do not pile up, the next one takes it. */
  #giveBack(started: Promise<PythonProcess>): void {
    this.#warm.unshift(started);
    const drop = (process?: PythonProcess): void => {
      const place = this.#warm.indexOf(started);
      if (place < 0 || (process !== undefined && this.#warm.length <= this.#count && !this.#isClosed)) return;
      this.#warm.splice(place, 1);
      void process?.end();
    };
    started.then(drop, () => drop());
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#starter.close();
    const warm = await Promise.allSettled(this.#warm.splice(0));
    await Promise.all(
      warm.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.end() : undefined)),
    );
  }
}

/** Waits, but not longer than the signal; undefined when that was first. */
async function untilAborted<T>(wait: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = Promise.withResolvers<undefined>();
  const abort = (): void => aborted.resolve(undefined);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([wait, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
