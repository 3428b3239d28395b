import type { RunError } from '../wire.ts';
/** Ends a run as failed; the message is a sentence for people and becomes the run's `last_error`. */
export declare class RunFailure extends Error {
  readonly name = 'RunFailure';
  readonly code: RunError['code'];
  /** The model's provider stopped the answer; the message that was being written says so. */
  readonly isContentFilter: boolean;
  constructor(
    code: RunError['code'],
    message: string,
    options?: {
      cause?: unknown;
      isContentFilter?: boolean;
    },
  );
}
/** Why a run is ended from outside: the reason of its abort signal. */
export type AbortCause = 'cancelled' | 'expired' | 'shutdown';
/** The reason that the run's signal carries. */
export declare class RunAborted extends Error {
  readonly name = 'AbortError';
  readonly why: AbortCause;
  constructor(why: AbortCause);
}
//# sourceMappingURL=run-failure.d.ts.map
