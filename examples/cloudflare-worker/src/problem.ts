import { APIConnectionError, APIError } from 'openai';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** What goes wrong in a way that the caller should read about. */
export class Problem extends Error {
  readonly status: ContentfulStatusCode;

  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a caller is told of an error: never the engine's own words, which may name what is not theirs. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem(504, 'The answer took too long and was cancelled. Ask again, or for less.');
  }
  if (error instanceof APIConnectionError)
    return new Problem(502, 'No engine answers at ENGINE_URL. Start one: npm run engine');
  if (
    error instanceof APIError &&
    error.status === 400 &&
    /active run|run \w+ is active/.test(error.message)
  ) {
    return new Problem(409, 'The thread is still busy with the message before. Wait for its answer.');
  }
  return new Problem(502, 'The engine could not do that. Its log says why.');
}
