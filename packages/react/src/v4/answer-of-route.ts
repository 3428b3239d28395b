import { parseJson } from '@use-assistant/protocol';

/** What a refusal says: our handler says it in JSON, other routes as they like. */
export function toSentence(text: string): string {
  try {
    const { error } = parseJson(text) as { error: { message: unknown } };
    return typeof error.message === 'string' ? error.message : text;
  } catch {
    return text;
  }
}

/** Settles at the latest when the signal aborts, also with a fetch that ignores it. */
export function abortable<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new Error('The request was stopped.'));
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
