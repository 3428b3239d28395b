const marker: unique symbol = Symbol.for('use-assistant.error');

/**
 * The stable codes that reach a browser.
 * Each names what went wrong, never where in the server it went wrong.
 */
export type AssistantErrorCode =
  | 'bad_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'thread_busy'
  | 'file_too_large'
  | 'file_type_refused'
  | 'too_many_files'
  | 'rate_limited'
  | 'not_supported'
  | 'run_failed'
  | 'run_cancelled'
  | 'run_expired'
  | 'run_incomplete'
  | 'stream_protocol'
  | 'stream_interrupted'
  | 'network'
  | 'upload_failed'
  | 'aborted'
  | 'server_error';

/** What an `AssistantError` may be given beside its code and message. */
export interface AssistantErrorOptions {
  /** The HTTP status, where there was one. */
  status?: number;
  /** Whether the same call may succeed later. @default status is 408, 429 or >= 500 */
  isRetryable?: boolean;
  cause?: unknown;
}

/** The one error class of the project. `message` is fit for a person; `code` is fit for a program. */
export class AssistantError extends Error {
  override readonly name = 'AssistantError';
  readonly code: AssistantErrorCode;
  readonly status: number | undefined;
  readonly isRetryable: boolean;
  readonly [marker] = true;

  constructor(code: AssistantErrorCode, message: string, options: AssistantErrorOptions = {}) {
    super(message, options);
    this.code = code;
    const { status } = options;
    this.status = status;
    this.isRetryable = options.isRetryable ?? (status === 408 || status === 429 || Number(status) >= 500);
  }

  /** True for an `AssistantError` of any copy of this package: `instanceof` fails across duplicates. */
  static isInstance(error: unknown): error is AssistantError {
    return typeof error === 'object' && error !== null && marker in error;
  }
}
