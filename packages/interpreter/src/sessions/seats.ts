/** What sits on a seat: a session with a process. */
export interface Sitter {
  /** Gives the process back. */
  park(): Promise<void>;
}

/** Lets only so many sessions have a process. Who has not used theirs for the longest time stands up first. */
export class Seats {
  readonly #count: number;
  /** In the order of use, the least recent first; true while in use. */
  readonly #taken = new Map<Sitter, boolean>();
  readonly #waiting = new Set<() => void>();

  constructor(count: number) {
    this.#count = count;
  }

  /** Resolves when the sitter has a seat; rejects with the signal's reason. */
  async take(sitter: Sitter, signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted();
      if (this.#taken.delete(sitter) || this.#taken.size < this.#count) {
        this.#taken.set(sitter, true);
        return;
      }
      const idle = [...this.#taken].find(([, isBusy]) => !isBusy)?.[0];
      if (idle !== undefined) {
        this.#taken.delete(idle);
        this.#taken.set(sitter, true);
        await idle.park();
        return;
      }
      await this.#change(signal);
    }
  }

  /** The sitter keeps its seat until another needs it. */
  rest(sitter: Sitter): void {
    if (this.#taken.has(sitter)) this.#taken.set(sitter, false);
    this.#wake();
  }

  leave(sitter: Sitter): void {
    this.#taken.delete(sitter);
    this.#wake();
  }

  #wake(): void {
    const [first] = this.#waiting;
    first?.();
  }

  #change(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(wake);
        signal?.removeEventListener('abort', abort);
      };
      const wake = (): void => {
        end();
        resolve();
      };
      const abort = (): void => {
        end();
        reject(signal?.reason as Error);
      };
      this.#waiting.add(wake);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
