import type { Database } from '../storage/records.ts';
import type { EventData, EventName } from '../wire.ts';
/** An event as it is stored and sent: numbered from 0 within its run, its data encoded once. */
export interface LoggedEvent {
  sequence: number;
  event: string;
  data: string;
}
/** Adds an event to what a transaction is about to store. */
export type Emit = <T extends EventName>(event: T, data: EventData[T]) => void;
/** What the log keeps in memory of a run that is being written or read. */
interface RunTail {
  runId: string;
  /** The last event that is stored; -1 when there is none. */
  last: number;
  lastEvent: string;
  pending: {
    event: string;
    data: string;
  }[];
  readers: Set<EventReader>;
  /** How many hold the place open to push deltas. */
  holds: number;
}
/**
 * The events of every run: stored first, then handed to whoever reads along. Deltas of one turn of the event loop are
 * stored by one statement, for all runs together; a change of state is stored in one transaction with its event.
 */
export declare class EventLog {
  #private;
  constructor(database: Database, onError: (error: unknown) => void);
  /**
   * Runs `work` in a transaction and stores the events it emits, after all deltas pushed before. Readers see the events
   * only once the transaction stands; when `work` throws, nothing has happened.
   */
  commit<T>(runId: string, work: (database: Database, emit: Emit) => Promise<T>): Promise<T>;
  /** Adds a delta; it is stored and sent with all others of this turn of the event loop. */
  push<T extends EventName>(runId: string, event: T, data: EventData[T]): void;
  /** Keeps the run's place in memory until released: whoever pushes deltas must hold it. */
  hold(runId: string): Promise<() => void>;
  /** Resolves when all that was pushed is stored. */
  flushed(): Promise<void>;
  /**
   * Reads a run's events after `position` (-1 for all), then follows it until it is over or waits for its caller.
   * With `toTheEnd`, a wait that lies in the past is passed.
   */
  read(
    runId: string,
    position: number,
    options: {
      toTheEnd: boolean;
    },
  ): Promise<EventReader>;
  /** The number of the last stored event of the run; -1 when there is none. */
  position(runId: string): Promise<number>;
  /** Ends every reader, after all that was pushed is stored. */
  close(): Promise<void>;
}
/** One reader's place in a run. Pull-based: what it does not ask for costs bounded memory, and stops nobody. */
export declare class EventReader {
  #private;
  constructor(database: Database, tail: RunTail, position: number, toTheEnd: boolean, release: () => void);
  /** The next events, as many as there are; undefined when the stream is over. */
  next(): Promise<LoggedEvent[] | undefined>;
  /** Takes events that were just stored. */
  offer(events: LoggedEvent[]): void;
  /** Leaves. A pending `next` answers undefined. */
  close(): void;
}
export {};
//# sourceMappingURL=event-log.d.ts.map
