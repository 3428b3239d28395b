import type { EventLog } from '../runs/event-log.ts';
/**
 * The run's events as server-sent events. Pulled: nothing is read that the reader has not asked for. A reader that
 * leaves ends its own reading and nothing else.
 */
export declare function streamRun(
  events: EventLog,
  runId: string,
  options: {
    position: number;
    toTheEnd: boolean;
    signal: AbortSignal;
  },
): Promise<Response>;
//# sourceMappingURL=sse.d.ts.map
