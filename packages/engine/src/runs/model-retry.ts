import { abortable } from './abortable.ts';
import { isRetryable, retryAfter } from './model-errors.ts';

/** How often a call is made before its failure counts. */
const attempts = 4;
const firstDelay = 500;
/** A server that asks for more patience than this gets none: the run fails, and its caller may start another. */
const longestDelay = 30_000;

/**
 * How long to wait before the call is made again; undefined when its failure counts. The delay doubles, less a random
 * part that keeps runs apart which have failed together; a server that names a time is taken at its word.
 */
export function delayBeforeRetry(error: unknown, attempt: number): number | undefined {
  if (attempt >= attempts || !isRetryable(error)) return undefined;
  const asked = retryAfter(error);
  if (asked !== undefined) return asked <= longestDelay ? asked : undefined;
  return firstDelay * 2 ** (attempt - 1) * (1 - Math.random() / 4);
}

/** Waits; an abort ends it at once, with the signal's reason. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await abortable(new Promise((resolve) => (timer = setTimeout(resolve, milliseconds))), signal);
  } finally {
    clearTimeout(timer);
  }
}
