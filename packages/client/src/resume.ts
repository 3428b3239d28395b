import { AssistantError, decodeStream } from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { createAbortError, isTransient, pause } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';
import { watchSilence } from './silence.ts';

type Bytes = ReadableStream<Uint8Array>;

/** Three times the route's heartbeat. */
const longestSilence = 45_000;

export interface FollowOptions {
  /** The first connection; null when there is nothing to follow. */
  open(): Promise<Bytes | null>;
  /** Whether the run can be taken up again: its thread is known. */
  canReopen(): boolean;
  /** A further connection, from after the event last seen. */
  reopen(lastEventId: string | undefined): Promise<Bytes | null>;
  /** Answers true for the chunk that ends the run. */
  onChunk(chunk: AssistantChunk): boolean;
  /** The next chunks are the run from its start. */
  onRestart(): void;
  signal: AbortSignal;
  retry: RetryPolicy;
}

/**
 * Follows one run to its end over as many connections as that takes. `gone` when the server has nothing (more) to
 * follow. A stream that ends without saying how the run ended counts as a lost connection.
 */
export async function followRun(options: FollowOptions): Promise<'finished' | 'gone'> {
  const { signal, retry } = options;
  let lastEventId: string | undefined;
  // Only events never seen before count as progress: a replay that always breaks at the same place is given up.
  let fruitless = 0;
  let body = await options.open();

  while (body) {
    let cause: unknown;
    const watch = watchSilence(signal, longestSilence, () => options.canReopen());
    const chunks = decodeStream(body, { signal: watch.signal, onComment: () => watch.hear() });
    let isDraining = false;
    try {
      for (;;) {
        const next = await chunks.next();
        if (signal.aborted) throw createAbortError();
        if (next.done) break;
        watch.hear();
        const { chunk, id } = next.value;
        if (id !== undefined) {
          lastEventId = id;
          fruitless = 0;
        }
        if (options.onChunk(chunk)) {
          isDraining = true;
          void drain(chunks).finally(() => watch.end());
          return 'finished';
        }
      }
    } catch (error) {
      if (signal.aborted || isFatal(error)) {
        chunks.return({ isDone: false }).catch(() => {});
        throw error;
      }
      cause = error;
    } finally {
      if (!isDraining) watch.end();
    }
    body = await reconnect(cause);
  }
  return 'gone';

  async function reconnect(first: unknown): Promise<Bytes | null> {
    for (let cause = first; ;) {
      if (fruitless >= retry.retries || !options.canReopen()) throw createInterruption(cause);
      await pause(fruitless, retry, signal);
      fruitless += 1;
      try {
        const body = await options.reopen(lastEventId);
        if (body && lastEventId === undefined) options.onRestart();
        return body;
      } catch (error) {
        if (signal.aborted || !isTransient(error)) throw error;
        cause = error;
      }
    }
  }
}

function createInterruption(cause: unknown): AssistantError {
  return new AssistantError('stream_interrupted', 'The connection was lost before the answer was complete.', {
    cause,
  });
}

/** What is no stream of ours stays none; a stream that breaks off, or that someone else has aborted, may go on. */
function isFatal(error: unknown): boolean {
  return AssistantError.isInstance(error) && !isTransient(error) && error.code !== 'aborted';
}

/** Reads to the end what follows the run's last chunk, so that the connection closes clean; the signal still ends it. */
async function drain(chunks: AsyncGenerator<unknown>): Promise<void> {
  try {
    while (!(await chunks.next()).done);
  } catch {
    // The run is over; how its connection ends does not matter.
  }
}
