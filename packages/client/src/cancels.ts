import { abortable, limitTime } from './backoff.ts';
import { toAssistantError } from './http-errors.ts';
import type { AssistantTransport, RunSummary } from './transport.ts';
import type { Turn } from './turn.ts';

/** How long a stop waits for the server to name the run, and then for it to take the cancel. */
const patience = 10_000;

export interface CancelsOptions {
  transport: AssistantTransport;
  /** What the server says of the run that was cancelled. */
  onRun(run: RunSummary): void;
  onError(error: unknown): void;
}

/** Ends runs on the server: to close the connection would merely be to look away. */
export class Cancels {
  readonly #options: CancelsOptions;
  #pending: Promise<void> | undefined;

  constructor(options: CancelsOptions) {
    this.#options = options;
  }

  /** The cancel that is on its way; the server takes no message before it has it. */
  get pending(): Promise<void> | undefined {
    return this.#pending;
  }

  /** Ends a turn and what it has begun. A run can be cancelled only once the server has named it. */
  cancelTurn(turn: Turn): void {
    if (!turn.isPosted) return turn.controller.abort();
    turn.isStopping = true;
    if (turn.isOpen) turn.controller.abort();
    this.#add(async () => {
      await limitTime(patience, (signal) => abortable(turn.opening, signal)).catch(() => {});
      turn.controller.abort();
      return turn.threadId === undefined ? null : this.#request(turn.threadId);
    });
  }

  cancelRun(threadId: string): void {
    this.#add(() => this.#request(threadId));
  }

  /** The thread has been left: its cancels go on, and concern nobody here. */
  forget(): void {
    this.#pending = undefined;
  }

  #request(threadId: string): Promise<RunSummary | null> {
    return limitTime(patience, (signal) => this.#options.transport.cancel(threadId, { signal }));
  }

  #add(cancel: () => Promise<RunSummary | null>): void {
    const pending: Promise<void> = cancel()
      .then(
        (run) => run && this.#pending === pending && this.#options.onRun(run),
        (error: unknown) => {
          // A route of another make has no such path; that its run goes on is its way.
          const { status } = toAssistantError(error);
          if (this.#pending === pending && status !== 404 && status !== 405) this.#options.onError(error);
        },
      )
      .then(() => {
        if (this.#pending === pending) this.#pending = undefined;
      });
    this.#pending = pending;
  }
}
