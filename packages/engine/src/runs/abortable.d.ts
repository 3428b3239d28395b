/** The promise, or the signal's reason, whichever is first: for work that does not listen to the signal itself. */
export declare function abortable<T>(promise: PromiseLike<T>, signal: AbortSignal): Promise<T>;
//# sourceMappingURL=abortable.d.ts.map
