import type { EngineContext } from '../engine-context.ts';
import { type Run } from '../wire.ts';
/** Ends runs that nobody else will: those that expired, and those whose engine has died. */
export declare class RunKeeper {
  #private;
  constructor(context: EngineContext);
  start(): Promise<void>;
  /** Sees to it that the run ends when its time is over. */
  watch(run: Run): void;
  /** Ends the run if its time is over; for runs that are looked at before the timer has come round. */
  expireIfDue(run: Run): Promise<Run>;
  close(): Promise<void>;
}
//# sourceMappingURL=run-keeper.d.ts.map
