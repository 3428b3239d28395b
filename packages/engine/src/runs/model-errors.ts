import {
  APICallError,
  LoadAPIKeyError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { RunFailure } from './run-failure.ts';

/**
 * Turns what a provider threw into our own sentence. Nothing of the provider's text is passed on: it may hold keys,
 * addresses and stack traces.
 */
export function toRunFailure(error: unknown, modelId: string): RunFailure {
  if (error instanceof RunFailure) return error;
  const options = { cause: error };
  if (NoSuchModelError.isInstance(error)) {
    return new RunFailure('server_error', `The model "${modelId}" was not found.`, options);
  }
  if (LoadAPIKeyError.isInstance(error)) {
    return new RunFailure('server_error', 'The API key of the model server is missing.', options);
  }
  if (UnsupportedFunctionalityError.isInstance(error)) {
    const what = error.functionality.replaceAll(/[^\w .,'"-]/g, '').slice(0, 100);
    return new RunFailure('server_error', `The model "${modelId}" cannot do this: ${what}.`, options);
  }
  if (isTooLong(error)) {
    const message = 'The conversation is longer than the model takes.';
    return new RunFailure('invalid_prompt', message, { ...options, isTooLong: true });
  }
  if (
    codesOf(error).some((code) => /^(?:invalid_prompt|content_policy_violation|content_filter)$/.test(code))
  ) {
    return new RunFailure('invalid_prompt', 'The model server refused the conversation.', options);
  }
  const code = isLimit(error) ? 'rate_limit_exceeded' : 'server_error';
  if (APICallError.isInstance(error)) return new RunFailure(code, describeCall(error, modelId), options);
  if (code === 'rate_limit_exceeded') {
    return new RunFailure(code, `The server of the model "${modelId}" ${limited}`, options);
  }
  const unreachable = connectionError(error);
  if (unreachable) {
    return new RunFailure('server_error', `The model server cannot be reached (${unreachable}).`, options);
  }
  return new RunFailure('server_error', `The model "${modelId}" failed while it answered.`, options);
}

/** Whether asking once more may help. */
export function isRetryable(error: unknown): boolean {
  // A verdict, not an error of the call: whoever gave it has tried what there was to try.
  if (error instanceof RunFailure) return false;
  // A quota that is used up is told as a limit, but does not come back in a moment.
  if (codesOf(error).includes('insufficient_quota')) return false;
  if (APICallError.isInstance(error)) {
    const { statusCode: status = 0 } = error;
    return error.isRetryable || status === 0 || (isSuccess(status) && connectionError(error) !== undefined);
  }
  if ((error as { isRetryable?: unknown } | null)?.isRetryable === true) return true;
  return connectionError(error) !== undefined || isLimit(error) || isServersOwn(error);
}

/** Milliseconds the server asked to wait, if it did. */
export function retryAfter(error: unknown): number | undefined {
  if (!APICallError.isInstance(error)) return undefined;
  const exact = error.responseHeaders?.['retry-after-ms'];
  const header = error.responseHeaders?.['retry-after'];
  const milliseconds =
    exact !== undefined
      ? Number(exact)
      : header !== undefined && /^\s*[\d.]+\s*$/.test(header)
        ? Number(header) * 1000
        : Date.parse(header ?? '') - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

const limited = 'limits requests, or its quota is used up. Try again later.';

function describeCall(error: APICallError, modelId: string): string {
  const host = hostOf(error.url);
  const status = error.statusCode;
  if (status === undefined) {
    const why = connectionError(error);
    return `The model server cannot be reached at ${host}${why ? ` (${why})` : ''}. Is it running?`;
  }
  if (
    status === 404 ||
    /model_not_found|model .{0,100}(?:not found|does not exist)/i.test(error.responseBody ?? '')
  ) {
    return `The model "${modelId}" was not found at ${host}.`;
  }
  if (isSuccess(status)) {
    const why = connectionError(error);
    return why
      ? `The connection to the model server at ${host} broke off (${why}).`
      : `The model server at ${host} answered in a way that no model does (status ${status}).`;
  }
  if (status === 401) return `The model server at ${host} refused the API key. Check the key.`;
  if (status === 403) return `The API key has no permission to use the model "${modelId}" at ${host}.`;
  if (status === 429) {
    return `The model server at ${host} ${limited}`;
  }
  if (status >= 500)
    return `The model server at ${host} has an error of its own (status ${status}). Try again later.`;
  return `The model server at ${host} refused the request (status ${status}).`;
}

/** The server took the request: what failed is its answer. */
function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return 'its address';
  }
}

/** The code of a network error, found however deep it lies. */
function connectionError(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    if (typeof code === 'string' && /^(?:E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code)) return code;
    current = cause;
  }
  return undefined;
}

function isLimit(error: unknown): boolean {
  const { statusCode } = (error ?? {}) as { statusCode?: unknown };
  if (typeof statusCode === 'number') return statusCode === 429;
  return codesOf(error).some((code) =>
    /^(?:429|rate_limit\w*|insufficient_quota|too_many_requests)$/.test(code),
  );
}

/** An error that the server tells of itself in the middle of its stream. */
function isServersOwn(error: unknown): boolean {
  return codesOf(error).some((code) =>
    /^(?:5\d\d|server_error|internal_\w*error|api_error|overloaded\w*|service_unavailable)$/.test(code),
  );
}

/** Each server says in its own way that it cannot take so much. */
function isTooLong(error: unknown): boolean {
  const said = APICallError.isInstance(error) && error.statusCode === 400 ? (error.responseBody ?? '') : '';
  return (
    codesOf(error).some((code) => /^(?:context_length_exceeded|exceed_context_size_error)$/.test(code)) ||
    /maximum context length|prompt is too long|exceeds? the (?:available )?context (?:size|window)/i.test(
      said,
    )
  );
}

/** The codes by which a provider names an error, wherever its answer or its stream holds them. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  const collect = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 3) return;
    const { code, type, error: inner, response, data } = value as Record<string, unknown>;
    for (const name of [code, type]) {
      if (typeof name === 'string' || typeof name === 'number') codes.push(String(name).toLowerCase());
    }
    for (const nested of [inner, response, data]) collect(nested, depth + 1);
  };
  collect(error, 0);
  if (APICallError.isInstance(error)) collect(parse(error.responseBody), 0);
  return codes;
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
