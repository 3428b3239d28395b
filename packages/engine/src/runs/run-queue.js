import { executeRun } from './execute-run.js';
import { RunAborted } from './run-failure.js';
/** Executes every run at once, in this process. */
export function createLocalQueue(owner, context) {
  const executions = new Map();
  let isClosed = false;
  const active = new Set();
  return {
    owner,
    active,
    enqueue(runId) {
      if (isClosed || executions.has(runId)) return;
      const controller = new AbortController();
      active.add(runId);
      const done = executeRun(context(), runId, owner, controller.signal)
        .catch((error) => {
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
//# sourceMappingURL=run-queue.js.map
