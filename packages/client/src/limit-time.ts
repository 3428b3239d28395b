import { AssistantError } from '@use-assistant/protocol';

/** Gives the task a signal that aborts when its time is over; what is then thrown says so. */
export async function limitTime<Value>(
  milliseconds: number,
  task: (signal: AbortSignal) => Promise<Value>,
): Promise<Value> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), milliseconds);
  try {
    return await task(limit.signal);
  } catch (cause) {
    if (!limit.signal.aborted) throw cause;
    throw new AssistantError('network', 'The server did not answer in time.', { isRetryable: true, cause });
  } finally {
    clearTimeout(timer);
  }
}
