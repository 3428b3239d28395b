import type { Emit } from '../runs/event-log.ts';
import { type Database } from '../storage/records.ts';
import { type Run } from '../wire.ts';
/** Fills the outputs into the step that waits for them and ends it. All outputs come in one request, each once. */
export declare function answerCalls(
  database: Database,
  emit: Emit,
  run: Run,
  outputs: {
    tool_call_id?: string | undefined;
    output?: string | undefined;
  }[],
): Promise<void>;
//# sourceMappingURL=function-calls.d.ts.map
