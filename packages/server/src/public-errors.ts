import { AssistantError } from '@use-assistant/protocol';
import type { AssistantErrorCode } from '@use-assistant/protocol';

/**
 * Told of every error on the server. What it returns is said to the browser; otherwise the browser gets a generic
 * sentence and a stable code, never the error's own text.
 */
export type OnError = (error: unknown) => string | undefined | void;

/** What the browser is told of an error. */
export interface PublicError {
  code: AssistantErrorCode;
  message: string;
  status: number;
}

const texts: Record<AssistantErrorCode, string> = {
  bad_request: 'The request is not valid.',
  unauthorized: 'Sign in to go on.',
  forbidden: 'This is not allowed.',
  not_found: 'There is nothing here.',
  thread_busy: 'The assistant is still busy in this thread.',
  file_too_large: 'The file is too large.',
  file_type_refused: 'Files of this type are not accepted.',
  too_many_files: 'These are too many files.',
  rate_limited: 'Too many requests. Try again in a moment.',
  not_supported: 'This server cannot do that.',
  run_failed: 'The assistant could not finish its answer.',
  run_cancelled: 'The answer was stopped.',
  run_expired: 'The answer took too long and was given up.',
  run_incomplete: 'The answer is incomplete: a limit was reached.',
  stream_protocol: 'The answer could not be read.',
  stream_interrupted: 'The connection to the assistant was lost.',
  network: 'The assistant cannot be reached.',
  upload_failed: 'The file could not be uploaded.',
  aborted: 'The request was stopped.',
  server_error: 'Something went wrong on the server.',
};

const statuses: Partial<Record<AssistantErrorCode, number>> = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  thread_busy: 409,
  file_too_large: 413,
  too_many_files: 413,
  file_type_refused: 415,
  rate_limited: 429,
  not_supported: 501,
};

/** Errors that this package made for the browser: their sentence is fit for it. */
const refusals = new WeakSet<object>();

/** The sentence that goes with a code when nothing else may be said. */
export function publicText(code: AssistantErrorCode): string {
  return texts[code];
}

/** An error whose sentence may be shown to the browser, because it tells only of the request. */
export function refusal(
  code: AssistantErrorCode,
  message: string = texts[code],
  status = statuses[code] ?? 500,
): AssistantError {
  const error = new AssistantError(code, message, { status });
  refusals.add(error);
  return error;
}

/** Turns any error into what the browser may know. Asks `onError` for all but refusals: a bad request, a busy thread. */
export function toPublicError(error: unknown, onError?: OnError): PublicError {
  if (AssistantError.isInstance(error) && refusals.has(error)) {
    return { code: error.code, message: error.message, status: error.status ?? 500 };
  }
  // Two tabs in one thread are no fault of the server, and its sentence for them is not for people.
  if (isThreadBusy(error)) return toPublicError(refusal('thread_busy'));
  const code = codeOf(error);
  return { code, message: askOnError(error, onError) ?? texts[code], status: statuses[code] ?? 500 };
}

/** Calls `onError`; an `onError` that fails itself must not take the answer down. */
export function askOnError(error: unknown, onError: OnError | undefined): string | undefined {
  try {
    const text = onError?.(error);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): AssistantErrorCode {
  if (AssistantError.isInstance(error)) return error.code;
  const status = statusOf(error);
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  return 'server_error';
}

/** The HTTP status that an error of the `openai` client carries. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('status' in error)) return undefined;
  return typeof error.status === 'number' ? error.status : undefined;
}

/** Whether a run holds the thread: Assistants servers answer with 400 and one of two sentences. */
export function isThreadBusy(error: unknown): boolean {
  if (AssistantError.isInstance(error)) return error.code === 'thread_busy';
  if (statusOf(error) !== 400 || !(error instanceof Error)) return false;
  return (
    error.message.includes('already has an active run') || /while a run \S+ is active/.test(error.message)
  );
}
