import { UnknownCursorError } from '../storage/pages.js';
/** An error as the API answers it: `{ error: { message, type, param, code } }` with a status. */
export class ApiError extends Error {
  name = 'ApiError';
  status;
  type;
  param;
  code;
  constructor(status, message, details = {}) {
    super(message);
    this.status = status;
    this.type = details.type ?? (status >= 500 ? 'server_error' : 'invalid_request_error');
    this.param = details.param ?? null;
    this.code = details.code ?? null;
  }
  toBody() {
    const { message, type, param, code } = this;
    return { error: { message, type, param, code } };
  }
}
/** The request asks for something illegal: 400. */
export function badRequest(message, param = null, code = null) {
  return new ApiError(400, message, { param, code });
}
/** There is no such object: 404, in OpenAI's words. */
export function notFound(kind, id) {
  return new ApiError(404, `No ${kind} found with id '${id}'.`);
}
/** There is no such file: 404, in OpenAI's words. */
export function fileNotFound(id) {
  return new ApiError(404, `No such File object: ${id}`, { param: 'id' });
}
/** The object, or its 404. */
export function found(object, kind, id) {
  if (object === undefined) throw notFound(kind, id);
  return object;
}
/** What is told of any error: our own are told as they are, of others only that they happened. */
export function toApiError(error) {
  if (error instanceof ApiError) return error;
  if (error instanceof UnknownCursorError) return badRequest(error.message, 'after');
  return new ApiError(500, 'The engine had an error while processing the request.');
}
//# sourceMappingURL=errors.js.map
