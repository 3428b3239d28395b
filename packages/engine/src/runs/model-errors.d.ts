import { RunFailure } from './run-failure.ts';
/**
 * Turns what a provider threw into our own sentence. Nothing of the provider's text is passed on: it may hold keys,
 * addresses and stack traces.
 */
export declare function toRunFailure(error: unknown, modelId: string): RunFailure;
/** Whether asking once more may help. */
export declare function isRetryable(error: unknown): boolean;
/** Milliseconds the server asked to wait, if it did. */
export declare function retryAfter(error: unknown): number | undefined;
//# sourceMappingURL=model-errors.d.ts.map
