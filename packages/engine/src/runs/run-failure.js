/** Ends a run as failed; the message is a sentence for people and becomes the run's `last_error`. */
export class RunFailure extends Error {
  name = 'RunFailure';
  code;
  /** The model's provider stopped the answer; the message that was being written says so. */
  isContentFilter;
  constructor(code, message, options = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.isContentFilter = options.isContentFilter ?? false;
  }
}
/** The reason that the run's signal carries. */
export class RunAborted extends Error {
  name = 'AbortError';
  why;
  constructor(why) {
    super(`The run was ended: ${why}.`);
    this.why = why;
  }
}
//# sourceMappingURL=run-failure.js.map
