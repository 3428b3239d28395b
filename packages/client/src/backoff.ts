import { AssistantError } from '@use-assistant/protocol';

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

/** The error of everything that the caller itself has ended. */
export function createAbortError(): AssistantError {
  return new AssistantError('aborted', 'The request was stopped.');
}

/** Whether the same request may succeed a moment later. */
export function isTransient(error: unknown): boolean {
  return AssistantError.isInstance(error) && (error.code === 'network' || error.isRetryable);
}

/** The promise, or an abort error as soon as the signal says so, whatever the promise does. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(createAbortError());
    if (signal.aborted) {
      promise.catch(() => {});
      return abort();
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Waits before the nth repetition, counted from 0; half of the pause is chance, so that clients do not return as one. */
export function pause(attempt: number, policy: RetryPolicy, signal: AbortSignal): Promise<void> {
  const longest = Math.min(policy.maxDelay, policy.baseDelay * 2 ** attempt);
  let timer: ReturnType<typeof setTimeout>;
  const waiting = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longest * (0.5 + Math.random() / 2));
  });
  return abortable(waiting, signal).finally(() => clearTimeout(timer));
}

/** Gives the task a signal that aborts when its time is over. */
export async function limitTime<Value>(
  milliseconds: number,
  task: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  try {
    return await task(limit.signal);
  } finally {
    clearTimeout(timer);
  }
}
