import { AssistantError } from '@use-assistant/protocol';
import type { AssistantErrorCode } from '@use-assistant/protocol';
import { abortable } from './abort.ts';
import { toJson } from './requests.ts';

const longestMessage = 1_000;

/** What is said when the server says nothing fit for a person. */
const sentences: Record<number, [AssistantErrorCode, string]> = {
  400: ['bad_request', 'The server did not understand the request.'],
  401: ['unauthorized', 'You are not signed in.'],
  403: ['forbidden', 'You may not do this.'],
  404: ['not_found', 'This was not found.'],
  409: ['thread_busy', 'The assistant is still working in this thread.'],
  413: ['file_too_large', 'This is too large to send.'],
  415: ['file_type_refused', 'This type of file cannot be sent here.'],
  429: ['rate_limited', 'Too many requests. Try again in a moment.'],
};

const codes: ReadonlySet<string> = new Set<AssistantErrorCode>([
  'bad_request',
  'unauthorized',
  'forbidden',
  'not_found',
  'thread_busy',
  'file_too_large',
  'file_type_refused',
  'too_many_files',
  'rate_limited',
  'not_supported',
  'run_failed',
  'run_cancelled',
  'run_expired',
  'run_incomplete',
  'stream_protocol',
  'stream_interrupted',
  'upload_failed',
  'server_error',
]);

/** The code if it is one of ours: what a server says is not trusted to be. */
function toErrorCode(code: unknown): AssistantErrorCode | undefined {
  return codes.has(code as string) ? (code as AssistantErrorCode) : undefined;
}

/** The error of a response that is not 2xx, whose body may never end. */
export async function readHttpError(
  response: Response,
  signal: AbortSignal | undefined,
): Promise<AssistantError> {
  return toHttpError(response.status, await abortable(response.text(), signal).catch(() => ''));
}

/**
 * The error of a response that is not 2xx. Only `{ error: { message } }` reaches the page:
 * the body of a proxy or a framework is HTML or a stack, and neither is for a person.
 */
export function toHttpError(status: number, body: string): AssistantError {
  const [code, sentence] = sentences[status] ?? ['server_error', 'The server could not answer.'];
  const { error } = (toJson(body) ?? {}) as { error?: { code?: unknown; message?: unknown } | null };
  const message = typeof error?.message === 'string' && error.message.trim().slice(0, longestMessage);
  return new AssistantError(toErrorCode(error?.code) ?? code, message || sentence, {
    status,
    // Who has no cause has been answered by something else than an assistant route.
    ...(error && { cause: error }),
  });
}
