import type { EngineContext } from '../engine-context.ts';
import { endRun } from './end-run.ts';
import { RunGoneError } from './event-log.ts';
import { executeRun } from './execute-run.ts';
import { RunAborted, type AbortCause } from './run-failure.ts';

/** Executes runs. The place where a durable-execution engine is plugged in. */
export interface RunQueue {
  /** Who executes: noted with each run, so that others can tell runs whose executor has died. */
  readonly owner: string;
  /** Carries the queued run on, soon. */
  enqueue(runId: string): void;
  /** Ends the run's execution, if it is here: answers whether it is. The run is over soon after. */
  abort(runId: string, why: AbortCause): boolean;
  /** Whether the run is executed here. */
  has(runId: string): boolean;
  /** Whether no more runs are begun. */
  readonly isClosing: boolean;
  /** Begins no more runs; resolves when none is executed here any more, or after so many milliseconds. */
  drain(milliseconds: number): Promise<void>;
  /** Ends all executions and waits until their ends are stored. */
  close(): Promise<void>;
}

interface Execution {
  controller: AbortController;
  done: Promise<void>;
}

/** Executes every run at once, in this process. */
export function createLocalQueue(owner: string, context: () => EngineContext): RunQueue {
  const executions = new Map<string, Execution>();
  let isClosing = false;
  let isShut = false;
  let isOver = false;
  const idle = async (): Promise<void> => {
    while (executions.size > 0) await Promise.all(Array.from(executions.values(), ({ done }) => done));
  };

  const execute = async (runId: string, signal: AbortSignal): Promise<void> => {
    try {
      const isEnded = await executeRun(context(), runId, owner, signal);
      // Aborted at the very moment at which it came to rest by itself: nobody else will end it.
      const reason: unknown = signal.reason;
      if (!isEnded && reason instanceof RunAborted && reason.why !== 'shutdown') {
        await endRun(context(), runId, { to: reason.why });
      }
    } catch (error) {
      if (error instanceof RunGoneError) return;
      context().log('error', `Run ${runId} could not be ended.`, { cause: String(error) });
      context().events.interrupt(runId, 'The run cannot be stored any more.');
    }
  };

  const queue: RunQueue = {
    owner,
    get isClosing() {
      return isClosing;
    },
    has: (runId) => executions.has(runId),
    enqueue(runId) {
      // The next engine on this storage finds it without an owner.
      if (isOver) return;
      const current = executions.get(runId);
      if (current) {
        // It waits for its caller, who was quicker than the end of its execution.
        void current.done.then(() => queue.enqueue(runId));
        return;
      }
      const controller = new AbortController();
      if (isShut) controller.abort(new RunAborted('shutdown'));
      const done = execute(runId, controller.signal).finally(() => executions.delete(runId));
      executions.set(runId, { controller, done });
    },
    abort(runId, why) {
      const execution = executions.get(runId);
      execution?.controller.abort(new RunAborted(why));
      return execution !== undefined;
    },
    async drain(milliseconds) {
      isClosing = true;
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
      await Promise.race([idle(), timeout]);
      clearTimeout(timer);
    },
    async close() {
      isClosing = true;
      isShut = true;
      for (const { controller } of executions.values()) controller.abort(new RunAborted('shutdown'));
      await idle();
      isOver = true;
    },
  };
  return queue;
}
