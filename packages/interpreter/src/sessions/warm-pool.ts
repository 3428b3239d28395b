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

  /** A process in which Python stands and nobody's code has run. */
  async take(): Promise<PythonProcess> {
    for (;;) {
      const next = this.#warm.shift();
      const taken = await (next ?? this.#starter.start());
      if (this.#isClosed) taken.kill();
      else void this.warm().catch(() => {});
      if (taken.isAlive || next === undefined) return taken;
    }
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
