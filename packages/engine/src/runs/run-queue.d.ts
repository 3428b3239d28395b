import type { EngineContext } from '../engine-context.ts';
import { type AbortCause } from './run-failure.ts';
/** Executes runs. The place where a durable-execution engine is plugged in. */
export interface RunQueue {
  /** Who executes: noted with each run, so that others can tell runs whose executor has died. */
  readonly owner: string;
  /** Carries the queued run on, soon. */
  enqueue(runId: string): void;
  /** Ends the run's execution, if it is here: answers whether it is. */
  abort(runId: string, why: AbortCause): boolean;
  /** The runs that are executed here. */
  readonly active: ReadonlySet<string>;
  /** Ends all executions and waits until their ends are stored. */
  close(): Promise<void>;
}
/** Executes every run at once, in this process. */
export declare function createLocalQueue(owner: string, context: () => EngineContext): RunQueue;
//# sourceMappingURL=run-queue.d.ts.map
