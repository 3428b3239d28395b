import { APICallError } from '@ai-sdk/provider';
import { RunFailure } from '../runs/run-failure.ts';

/** Whether OpenAI says that the container is there no more: after 20 idle minutes it has expired. */
export function isContainerGone(error: unknown): boolean {
  const { status, text } = readError(error);
  // A stream that fails has no status of its own.
  if (/\bcontainer\b.{0,100}\bexpired\b/is.test(text)) return true;
  return status === 404 && /\bcontainer\b.{0,100}(?:not found|does not exist)/is.test(text);
}

/** Whether OpenAI says that the vector store is there no more: it was deleted, or it has expired. */
export function isStoreGone(error: unknown): boolean {
  const { status, text } = readError(error);
  if (status !== undefined && status !== 400 && status !== 404) return false;
  return (
    /\bno vector store found/i.test(text) ||
    /\bvector store\b.{0,200}\b(?:not found|does not exist|expired)/is.test(text)
  );
}

/** Whether OpenAI does not know, or does not want, what it was given; asking again would not help. */
export function isRefused(error: unknown): boolean {
  const { status = 0 } = readError(error);
  return [400, 404, 413, 415, 422].includes(status);
}

/** Whether what was to be deleted is not there. */
export function isMissing(error: unknown): boolean {
  return readError(error).status === 404;
}

/** A container that was made this very moment is there no more. */
export function goneFailure(cause: unknown): RunFailure {
  const message = 'The container of the hosted code interpreter has expired again and again.';
  return new RunFailure('server_error', message, { cause });
}

/**
 * Turns what a call for `things`, such as containers, failed with into our own sentence; nothing of OpenAI's text is
 * passed on.
 */
export function toHostedFailure(error: unknown, doing: string, things: string): RunFailure {
  if (error instanceof RunFailure) return error;
  const { status, isOurs } = readError(error);
  const code = status === 429 ? 'rate_limit_exceeded' : 'server_error';
  return new RunFailure(code, isOurs ? `${doing}.` : `${doing}: ${why(status, things)}`, { cause: error });
}

function why(status: number | undefined, things: string): string {
  if (status === undefined) return `the server of its ${things} cannot be reached.`;
  if (status === 401) return 'its API key was refused. Check the key.';
  if (status === 403) return `its API key has no permission to use ${things}.`;
  if (status === 413) return 'a file is too large for it.';
  if (status === 429) return 'requests are limited, or the quota is used up. Try again later.';
  if (status >= 500) return `its server has an error of its own (status ${status}). Try again later.`;
  return `the request was refused (status ${status}).`;
}

/** What counts of an error of the AI SDK, or of the official client, of whichever copy of it. */
function readError(error: unknown): { status: number | undefined; text: string; isOurs: boolean } {
  if (APICallError.isInstance(error)) {
    const { statusCode: status, message, responseBody = '' } = error;
    return { status, text: `${message} ${responseBody}`, isOurs: false };
  }
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown };
  return {
    status: typeof status === 'number' ? status : undefined,
    text: typeof message === 'string' ? message : '',
    // Every error of the client has these two, filled or not.
    isOurs: !(error instanceof Object && 'status' in error && 'headers' in error),
  };
}
