import { toAssistantError } from './abort.ts';
import type { AssistantError } from '@use-assistant/protocol';
import type { Threads } from './threads.ts';
import type { ThreadSummary } from './wire.ts';

/** The list of threads as a page shows it; each snapshot is immutable. */
export interface ThreadListState {
  /** The newest first. What the user has just done to them is already in it. */
  threads: readonly ThreadSummary[];
  isLoading: boolean;
  /** What went wrong last; gone with the next that goes well. */
  error: AssistantError | undefined;
  /** Whether `loadMore` has anything to load. */
  hasMore: boolean;
}

type Change = (threads: readonly ThreadSummary[]) => readonly ThreadSummary[];

/**
 * The user's threads, page by page. What the user does is shown at once, and taken back when the server refuses it.
 * The functions are bound and never reject: what goes wrong is in the state.
 */
export class ThreadList {
  readonly #threads: Threads;
  readonly #limit: number;
  readonly #listeners = new Set<() => void>();
  /** What the server has said. */
  #known: readonly ThreadSummary[] = [];
  /** What the user has done since, in order, and the server has not answered yet. */
  #changes: readonly Change[] = [];
  #next: string | null | undefined;
  #loading: AbortController | undefined;
  #snapshot: ThreadListState = { threads: [], isLoading: false, error: undefined, hasMore: false };

  /** `limit` is the size of a page. */
  constructor(threads: Threads, { limit = 20 }: { limit?: number | undefined } = {}) {
    this.#threads = threads;
    this.#limit = limit;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#loading?.abort();
    };
  };

  readonly getSnapshot = (): ThreadListState => this.#snapshot;

  /** Loads the first page anew. */
  readonly load = (): Promise<void> => this.#load(undefined);

  /** Loads the page after those that are there. */
  readonly loadMore = async (): Promise<void> => {
    if (this.#next && !this.#loading) await this.#load(this.#next);
  };

  readonly rename = (threadId: string, title: string): Promise<void> =>
    this.#change(
      (threads) => threads.map((thread) => (thread.id === threadId ? withTitle(thread, title) : thread)),
      () => this.#threads.rename(threadId, title),
    );

  readonly delete = (threadId: string): Promise<void> =>
    this.#change(
      (threads) => threads.filter(({ id }) => id !== threadId),
      () => this.#threads.delete(threadId),
    );

  async #load(after: string | undefined): Promise<void> {
    this.#loading?.abort();
    const loading = new AbortController();
    this.#loading = loading;
    this.#publish({ isLoading: true });
    try {
      const page = { limit: this.#limit, signal: loading.signal, ...(after !== undefined && { after }) };
      const { threads, next } = await this.#threads.list(page);
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      const fresh = new Set(threads.map(({ id }) => id));
      this.#known =
        after === undefined ? threads : [...this.#known.filter(({ id }) => !fresh.has(id)), ...threads];
      this.#next = next;
      this.#publish({ isLoading: false, error: undefined });
    } catch (error) {
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      this.#publish({
        isLoading: false,
        error: loading.signal.aborted ? undefined : toAssistantError(error),
      });
    }
  }

  async #change(change: Change, tell: () => Promise<unknown>): Promise<void> {
    this.#changes = [...this.#changes, change];
    this.#publish({});
    let error: AssistantError | undefined;
    try {
      await tell();
      this.#known = change(this.#known);
    } catch (cause) {
      error = toAssistantError(cause);
    }
    this.#changes = this.#changes.filter((other) => other !== change);
    this.#publish({ error });
  }

  #publish(patch: Partial<ThreadListState>): void {
    const threads = this.#changes.reduce((list, change) => change(list), this.#known);
    this.#snapshot = { ...this.#snapshot, ...patch, threads, hasMore: Boolean(this.#next) };
    for (const listener of Array.from(this.#listeners)) listener();
  }
}

function withTitle(thread: ThreadSummary, title: string): ThreadSummary {
  return { ...thread, title };
}
