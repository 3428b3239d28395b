import type { PythonProcess } from './python-process.ts';

/** A process that may not stand yet. */
export interface BootingProcess extends PythonProcess {
  /** Settles when Python stands; rejects when it never will. */
  readonly booted: Promise<unknown>;
}

/** The processes of a starter that do not stand yet, so that whoever closes it can end them. */
export class Booting<T extends BootingProcess> {
  readonly #starting = new Set<T>();
  #isClosed = false;

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Creates a process and resolves with it when it stands; the wait keeps the event loop alive. */
  async boot(create: () => T): Promise<T> {
    if (this.#isClosed) throw new Error('The interpreter is closed.');
    const started = create();
    this.#starting.add(started);
    started.hold();
    try {
      await started.booted;
      return started;
    } finally {
      started.release();
      this.#starting.delete(started);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#starting].map((started) => started.end()));
  }
}
