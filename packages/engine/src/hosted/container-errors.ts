import { APICallError } from '@ai-sdk/provider';
import { RunFailure } from '../runs/run-failure.ts';

/** Whether OpenAI says that the container is there no more: after 20 idle minutes it has expired. */
export function isContainerGone(error: unknown): boolean {
  const { status, message, text } = readError(error);
  if (status !== 400 && status !== 404 && status !== 410) return false;
  return /container\b.{0,200}(?:expired|not found|does not exist)/is.test(`${message} ${text}`);
}

/** Turns what a call for containers failed with into our own sentence; nothing of OpenAI's text is passed on. */
export function toContainerFailure(error: unknown, doing: string): RunFailure {
  if (error instanceof RunFailure) return error;
  if (isContainerGone(error)) return goneFailure(error);
  const { status } = readError(error);
  const code = status === 429 ? 'rate_limit_exceeded' : 'server_error';
  return new RunFailure(code, `${doing}: ${why(status)}`, { cause: error });
}

/** A container that was made this very moment is there no more. */
export function goneFailure(cause: unknown): RunFailure {
  const message = 'The container of the hosted code interpreter has expired again and again.';
  return new RunFailure('server_error', message, { cause });
}

function why(status: number | undefined): string {
  if (status === undefined) return 'the server of its containers cannot be reached.';
  if (status === 401) return 'its API key was refused. Check the key.';
  if (status === 403) return 'its API key has no permission to use containers.';
  if (status === 413) return 'a file is too large for it.';
  if (status === 429) return 'requests are limited, or the quota is used up. Try again later.';
  if (status >= 500) return `its server has an error of its own (status ${status}). Try again later.`;
  return `the request was refused (status ${status}).`;
}

/** What counts of an error of the official client, of any copy of it, or of the AI SDK. */
function readError(error: unknown): { status: number | undefined; message: string; text: string } {
  const { status, message } = (error ?? {}) as { status?: unknown; message?: unknown };
  const isCall = APICallError.isInstance(error);
  return {
    status: isCall ? error.statusCode : typeof status === 'number' ? status : undefined,
    message: typeof message === 'string' ? message : '',
    text: isCall ? (error.responseBody ?? '') : '',
  };
}
