import type { RunError } from '../wire.ts';

/** Ends a run as failed; the message is a sentence for people and becomes the run's `last_error`. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly code: RunError['code'];
  /** The model's provider stopped the answer; the message that was being written says so. */
  readonly isContentFilter: boolean;
  /** The prompt has more tokens than the model takes; a shorter one may be answered. */
  readonly isTooLong: boolean;

  constructor(
    code: RunError['code'],
    message: string,
    options: { cause?: unknown; isContentFilter?: boolean; isTooLong?: boolean } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.isContentFilter = options.isContentFilter ?? false;
    this.isTooLong = options.isTooLong ?? false;
  }
}

/** Why a run is ended from outside: the reason of its abort signal. */
export type AbortCause = 'cancelled' | 'expired' | 'shutdown';

/** The reason that the run's signal carries. */
export class RunAborted extends Error {
  override readonly name = 'AbortError';
  readonly why: AbortCause;

  constructor(why: AbortCause) {
    super(`The run was ended: ${why}.`);
    this.why = why;
  }
}
