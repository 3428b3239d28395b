import {
  APICallError,
  LoadAPIKeyError,
  NoSuchModelError,
  UnsupportedFunctionalityError,
} from '@ai-sdk/provider';
import { RunFailure } from './run-failure.js';
/**
 * Turns what a provider threw into our own sentence. Nothing of the provider's text is passed on: it may hold keys,
 * addresses and stack traces.
 */
export function toRunFailure(error, modelId) {
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
  if (APICallError.isInstance(error)) {
    return new RunFailure(
      error.statusCode === 429 ? 'rate_limit_exceeded' : 'server_error',
      describeCall(error, modelId),
      options,
    );
  }
  const unreachable = connectionError(error);
  if (unreachable) {
    return new RunFailure('server_error', `The model server cannot be reached (${unreachable}).`, options);
  }
  return new RunFailure('server_error', `The model "${modelId}" failed while it answered.`, options);
}
/** Whether asking once more may help. */
export function isRetryable(error) {
  if (APICallError.isInstance(error)) return error.isRetryable || error.statusCode === undefined;
  return connectionError(error) !== undefined;
}
/** Milliseconds the server asked to wait, if it did. */
export function retryAfter(error) {
  if (!APICallError.isInstance(error)) return undefined;
  const headers = error.responseHeaders;
  const milliseconds = Number(headers?.['retry-after-ms'] ?? Number(headers?.['retry-after']) * 1000);
  return Number.isFinite(milliseconds) && milliseconds >= 0 ? milliseconds : undefined;
}
function describeCall(error, modelId) {
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
  if (status === 401) return `The model server at ${host} refused the API key. Check the key.`;
  if (status === 403) return `The API key has no permission to use the model "${modelId}" at ${host}.`;
  if (status === 429) {
    return `The model server at ${host} limits requests, or its quota is used up. Try again later.`;
  }
  if (status >= 500)
    return `The model server at ${host} has an error of its own (status ${status}). Try again later.`;
  return `The model server at ${host} refused the request (status ${status}).`;
}
function hostOf(url) {
  try {
    return new URL(url).host;
  } catch {
    return 'its address';
  }
}
/** The code of a network error, found however deep it lies. */
function connectionError(error) {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === 'object' && current !== null; depth++) {
    const { code, cause } = current;
    if (typeof code === 'string' && /^(?:E[A-Z]+|UND_ERR_[A-Z_]+)$/.test(code)) return code;
    current = cause;
  }
  return undefined;
}
//# sourceMappingURL=model-errors.js.map
