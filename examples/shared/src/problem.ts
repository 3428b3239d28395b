import { APIConnectionError, APIError } from 'openai';
import type { Run } from 'openai/resources/beta/threads/runs';

/** What goes wrong in a way that the person who asked should read about. */
export class Problem extends Error {
  /** The status of HTTP that says the same. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a person is told of an error: never the engine's own words, which may name what is not theirs. */
export function toProblem(error: unknown): Problem {
  const known = knownProblem(error);
  if (known) return known;
  console.error(error);
  return new Problem(502, 'The engine could not do that. Its log says why.');
}

/** The same for the errors that are to be expected; undefined for all others. */
export function knownProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return new Problem(504, 'The answer took too long and was cancelled. Ask again, or for less.');
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return new Problem(499, 'The caller has left, so the run was cancelled.');
  }
  if (error instanceof APIConnectionError) {
    return new Problem(502, 'No engine answers. Start one with: npm run engine');
  }
  if (error instanceof APIError && (error.status === 429 || error.status === 503)) {
    return new Problem(error.status, 'The engine is busy. Ask again in a minute.');
  }
  if (error instanceof APIError && error.status === 413) return new Problem(413, 'The file is too large.');
  if (
    error instanceof APIError &&
    error.status === 400 &&
    /active run|run \w+ is active/.test(error.message)
  ) {
    return new Problem(409, 'The answer before is still being written. Wait for it, then send this again.');
  }
  return undefined;
}

/** Why a run brought no whole answer; undefined when it did. Each ending has its own words. */
export function problemOf(run: Run | undefined): Problem | undefined {
  switch (run?.status) {
    case 'completed':
      return undefined;
    case 'failed':
      if (run.last_error?.code === 'rate_limit_exceeded') {
        return new Problem(429, 'The model is busy. Ask again in a minute.');
      }
      return new Problem(502, 'The model failed to answer. Ask again.');
    case 'expired':
      return new Problem(504, 'The answer was not ready in ten minutes, so the run expired. Ask again.');
    case 'cancelling':
    case 'cancelled':
      return new Problem(409, 'The run was cancelled before the answer was ready.');
    case 'incomplete': {
      const reason = run.incomplete_details?.reason ?? 'a limit was reached';
      return new Problem(502, `The answer is cut off: ${reason}. Ask for less.`);
    }
    default:
      return new Problem(502, `The run stopped while it was ${run?.status ?? 'about to begin'}.`);
  }
}
