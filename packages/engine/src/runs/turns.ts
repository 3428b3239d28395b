/** Taken once: a test that stops the clock must not hold back what is stored. */
const inNextTurn = setImmediate;

/** Does work in the order in which it came, one after the other; pieces of a kind that wait side by side, together. */
export class Turns<Piece> {
  readonly #together: (pieces: Piece[]) => Promise<Piece[]>;
  readonly #most: number;
  readonly #waiting: ({ piece: Piece } | { alone: () => Promise<void> })[] = [];
  #isBusy = false;

  /**
   * `together` does so many pieces at most, and answers those that it has not got to: they are the next. It settles each
   * piece itself, and never rejects.
   */
  constructor(together: (pieces: Piece[]) => Promise<Piece[]>, most: number) {
    this.#together = together;
    this.#most = most;
  }

  /** Does the work while nothing else is done here. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ alone: () => work().then(resolve, reject) });
      this.#wake();
    });
  }

  /** Has the piece done, maybe together with others. */
  add(piece: Piece): void {
    this.#waiting.push({ piece });
    this.#wake();
  }

  #wake(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // Whatever else is added in this moment goes with it.
    queueMicrotask(() => void this.#work());
  }

  async #work(): Promise<void> {
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      if ('alone' in next) {
        await next.alone();
        continue;
      }
      const pieces = [next.piece];
      for (let also = this.#waiting[0]; also && 'piece' in also; also = this.#waiting[0]) {
        if (pieces.length === this.#most) break;
        pieces.push(also.piece);
        this.#waiting.shift();
      }
      const left = await this.#together(pieces);
      this.#waiting.unshift(...left.map((piece) => ({ piece })));
      // A long line would keep the process from all that it hears from outside.
      if (this.#waiting.length > 0) await new Promise<void>((resolve) => inNextTurn(resolve));
    }
    this.#isBusy = false;
  }
}
