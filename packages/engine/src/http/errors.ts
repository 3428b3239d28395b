import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { UnknownCursorError } from '../storage/pages.ts';
import { StoreFullError } from '../storage/vector-stores.ts';
import { isDiskFull } from '../storage/sqlite.ts';

/** An error as the API answers it: `{ error: { message, type, param, code } }` with a status. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: ContentfulStatusCode;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    details: { type?: string; param?: string | null; code?: string | null } = {},
  ) {
    super(message);
    this.status = status;
    this.type = details.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    this.param = details.param ?? null;
    this.code = details.code ?? null;
  }

  toBody(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}

/** The request asks for something illegal: 400. */
export function badRequest(
  message: string,
  param: string | null = null,
  code: string | null = null,
): ApiError {
  return new ApiError(400, message, { param, code });
}

/** There is no such object: 404, in OpenAI's words. */
export function notFound(
  kind: 'assistant' | 'thread' | 'message' | 'run' | 'run step' | 'vector store' | 'file' | 'file batch',
  id: string,
): ApiError {
  return new ApiError(404, `No ${kind} found with id '${id}'.`);
}

/** There is no such file: 404, in OpenAI's words. */
export function fileNotFound(id: string): ApiError {
  return new ApiError(404, `No such File object: ${id}`, { param: 'id' });
}

/** The object, or its 404. */
export function found<T>(object: T | undefined, kind: Parameters<typeof notFound>[0], id: string): T {
  if (object === undefined) throw notFound(kind, id);
  return object;
}

/** What is told of any error: our own are told as they are, of others only that they happened. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof UnknownCursorError) return badRequest(error.message, error.cursor);
  if (error instanceof StoreFullError) return badRequest(error.message);
  if (isDiskFull(error)) return new ApiError(507, 'There is no space left on the disk of the engine.');
  return new ApiError(500, 'The engine had an error while processing the request.');
}
