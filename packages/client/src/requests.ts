import { AssistantError, parseJson } from '@use-assistant/protocol';
import { settle } from './http.ts';
import type { Http, HttpRequest } from './http.ts';

/** Answers with the JSON of the response; rejects with `stream_protocol` when it is not what was asked for. */
export async function requestJson<Value>(
  http: Http,
  path: string,
  isValue: (value: unknown) => boolean,
  options?: HttpRequest,
): Promise<Value> {
  const response = await http.request(path, options);
  const value = toJson(await settle(() => response.text(), options?.signal));
  if (isValue(value)) return value as Value;
  throw new AssistantError(
    'stream_protocol',
    'The server’s answer is not one that an assistant route gives.',
  );
}

/** The value of a JSON text; undefined when it is none. */
export function toJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Where the thread is, and what is below it. */
export function toThreadPath(threadId: string, below = ''): string {
  return `/threads/${toSegment(threadId)}${below}`;
}

/** An id as one step of a path; `..` would leave the route. */
export function toSegment(id: string): string {
  if (/^\.{0,2}$/.test(id)) throw new AssistantError('bad_request', 'This is not an id.');
  return encodeURIComponent(id);
}
