import { AssistantError } from '@use-assistant/protocol';
import { abortable } from './abort.ts';
import { onWake } from './wake.ts';

/** How often and how patiently something is tried again. */
export interface RetryPolicy {
  /** How many times it is tried again. */
  retries: number;
  /** The first pause; each further one is twice as long. */
  baseDelay: number;
  /** The longest pause. */
  maxDelay: number;
}

export const defaultRetry: RetryPolicy = { retries: 5, baseDelay: 500, maxDelay: 8_000 };

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  return AssistantError.isInstance(error) && (error.code === 'network' || error.isRetryable);
}

/**
 * Waits before the nth repetition, counted from 0; half of the pause is chance, so that clients do not return as one.
 * When the network is back or the page is shown again, there is nothing more to wait for.
 */
export function pause(
  attempt: number,
  { baseDelay, maxDelay }: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  let timer: ReturnType<typeof setTimeout>;
  const waiting = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(maxDelay, baseDelay * 2 ** attempt) * (0.5 + Math.random() / 2));
    onWake(resolve, over.signal);
  });
  return abortable(waiting, signal).finally(() => {
    clearTimeout(timer);
    over.abort();
  });
}
