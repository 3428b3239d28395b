import type { EngineContext } from '../engine-context.ts';
import { RunGoneError } from './event-log.ts';
import { executeRun } from './execute-run.ts';
import { RunAborted, type AbortCause } from './run-failure.ts';

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
export function createLocalQueue(owner: string, context: () => EngineContext): RunQueue {
  const executions = new Map<string, { controller: AbortController; done: Promise<void> }>();
  let isClosed = false;
  const active = new Set<string>();
  return {
    owner,
    active,
    enqueue(runId) {
      if (isClosed || executions.has(runId)) return;
      const controller = new AbortController();
      active.add(runId);
      const done = executeRun(context(), runId, owner, controller.signal)
        .catch((error: unknown) => {
          if (error instanceof RunGoneError) return;
          context().log('error', `Run ${runId} could not be ended.`, { cause: String(error) });
        })
        .finally(() => {
          executions.delete(runId);
          active.delete(runId);
        });
      executions.set(runId, { controller, done });
    },
    abort(runId, why) {
      const execution = executions.get(runId);
      execution?.controller.abort(new RunAborted(why));
      return execution !== undefined;
    },
    async close() {
      isClosed = true;
      for (const { controller } of executions.values()) controller.abort(new RunAborted('shutdown'));
      await Promise.all(Array.from(executions.values(), ({ done }) => done));
    },
  };
}
