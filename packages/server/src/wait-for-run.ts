import type OpenAI from 'openai';
import type { Run } from 'openai/resources/beta/threads/runs/runs';

/** How long to wait before a run is looked at again that nothing streams: soon at first, then less and less often. */
const shortestPause = 10;
const longestPause = 250;

/** What to wait for, and how long. */
export interface WaitForRunOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds. @default no limit: runs expire */
  timeout?: number | undefined;
}

/** Waits as long as the run has one of these statuses; resolves with the run as it is then, or when the wait is over. */
export async function waitForRun(
  client: Pick<OpenAI, 'beta'>,
  run: Run,
  statuses: readonly Run['status'][],
  options: WaitForRunOptions = {},
): Promise<Run> {
  const { signal, timeout = Number.POSITIVE_INFINITY } = options;
  const end = performance.now() + timeout;
  let current = run;
  let next = shortestPause;
  while (statuses.includes(current.status) && performance.now() < end) {
    await pause(next, signal);
    next = Math.min(next * 2, longestPause);
    if (signal?.aborted) break;
    current = await client.beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id });
  }
  return current;
}

/** Waits so long, or until the signal says so. */
export function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });
}
