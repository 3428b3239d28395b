import { APIConnectionError, APIError } from 'openai';

/** What goes wrong in a way that the person in the chat should read about. */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a person is told of an error: never the engine's own words, which may name what is not theirs. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem(504, 'The answer took too long and was cancelled. Ask again, or for less.');
  }
  if (
    error instanceof APIError &&
    error.status === 400 &&
    /active run|run \w+ is active/.test(error.message)
  ) {
    return new Problem(409, 'The answer before is still being written. Wait for it, then send this again.');
  }
  if (error instanceof APIError && error.status === 413) return new Problem(413, 'The file is too large.');
  if (error instanceof APIConnectionError)
    return new Problem(502, 'The assistant cannot be reached. Try again in a minute.');
  console.error(error);
  return new Problem(502, 'The assistant could not do that. Try again.');
}
