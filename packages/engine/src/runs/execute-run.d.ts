import type { EngineContext } from '../engine-context.ts';
/**
 * Carries a queued run on until it is over or waits for its caller. All it knows is read from storage, and all it does
 * is recorded there step by step; the signal's reason, a `RunAborted`, says how to end it early.
 */
export declare function executeRun(
  context: EngineContext,
  runId: string,
  owner: string,
  signal: AbortSignal,
): Promise<void>;
//# sourceMappingURL=execute-run.d.ts.map
