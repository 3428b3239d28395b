import type { Scheduler } from './scheduler.ts';

/** A state that is read as immutable snapshots and told about at most once per frame. */
export interface Store<State> {
  /** The snapshot that was published last. */
  getSnapshot(): State;
  /** The snapshot that a server renders and a browser hydrates. */
  getInitialSnapshot(): State;
  subscribe(listener: () => void): () => void;
  /** The state with all changes, published or not. */
  get(): State;
  /** Changes the state; listeners hear of it with the next frame. */
  set(patch: Partial<State>): void;
  /** Says that `prepare` has something new; listeners hear of it with the next frame. */
  touch(): void;
  /** Publishes now. */
  flush(): void;
}

export interface StoreOptions<State> {
  scheduler: Scheduler;
  /** Folds in what is too costly to fold in with every change; called once per publication. */
  prepare?: (state: State) => State;
}

export function createStore<State extends object>(
  initial: State,
  { scheduler, prepare }: StoreOptions<State>,
): Store<State> {
  const listeners = new Set<() => void>();
  let current = initial;
  let published = initial;
  let cancel: (() => void) | undefined;

  function get() {
    if (prepare) current = prepare(current);
    return current;
  }
  function flush() {
    cancel?.();
    cancel = undefined;
    if (get() === published) return;
    published = current;
    for (const listener of Array.from(listeners)) listener();
  }
  function touch() {
    if (listeners.size > 0) cancel ??= scheduler.schedule(flush);
  }

  return {
    // Without a listener no frame is asked for, so a reader brings the snapshot up to date itself.
    getSnapshot: () => (listeners.size > 0 ? published : (published = get())),
    getInitialSnapshot: () => initial,
    get,
    touch,
    flush,
    set(patch) {
      current = { ...current, ...patch };
      touch();
    },
    subscribe(listener) {
      // What has changed since the last look is for the next one to find: nobody was there to be told.
      if (listeners.size === 0) published = get();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        cancel?.();
        cancel = undefined;
      };
    },
  };
}
