/** Decides when a batch of changes becomes visible. */
export interface Scheduler {
  /** Runs the task once, soon; the answer cancels it. */
  schedule(task: () => void): () => void;
}

/** A frame at 60 Hz, for places that have no animation frames. */
const frameMilliseconds = 16;

/** How long a frame may fail to come before the timer stands in: a page that has just been hidden gets none. */
const overdueMilliseconds = 100;

/** Once per animation frame; by timer where there are no frames or the page is hidden. */
export const frameScheduler: Scheduler = {
  schedule(task) {
    const { requestAnimationFrame, document } = globalThis as Partial<typeof globalThis>;
    const frame = document?.hidden ? undefined : requestAnimationFrame?.(run);
    const timer = setTimeout(run, frame === undefined ? frameMilliseconds : overdueMilliseconds);

    function cancel() {
      clearTimeout(timer);
      if (frame !== undefined) cancelAnimationFrame(frame);
    }
    function run() {
      cancel();
      task();
    }
    return cancel;
  },
};
