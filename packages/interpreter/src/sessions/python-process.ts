import type { RunMessage, SessionRequest } from './messages.ts';

/** How a process ended. */
export interface ProcessEnd {
  /** Whether `kill` ended it. */
  killed: boolean;
  /** A word for the log and for the model: what the process said last, or how it exited. */
  reason: string;
  /** A sentence for the model, when the process has ended itself for a reason that it knows. */
  notice?: string | undefined;
}

/**
 * A process in which Python stands, as sessions see it. It holds the parent's event loop only between `hold` and
 * `release`, and never outlives the parent.
 */
export interface PythonProcess {
  readonly isAlive: boolean;
  /** Its number at the system, where it is a process of this machine. */
  readonly pid?: number | undefined;
  readonly ended: Promise<ProcessEnd>;
  /**
   * Who hears the messages of the run; one at a time. A promise that it answers with is waited for before the next
   * message is read, so that a process which sends faster than the disk takes has to wait.
   */
  listen(listener: ((message: RunMessage) => void | Promise<void>) | undefined): void;
  /** Resolves when the message has left; a dead process swallows it, and `ended` tells. */
  send(message: SessionRequest): Promise<void>;
  /** Keeps the parent's event loop alive until the matching `release`. */
  hold(): void;
  release(): void;
  /** Seconds of computing that the process has used; undefined where the system does not tell. */
  computed(): Promise<number | undefined>;
  /** A sentence when the process takes more of the machine than it may; asked now and then while code runs. */
  excess(): Promise<string | undefined>;
  /** Ends the process at once, whatever it does. */
  kill(): void;
  /** Kills and waits for the end; the wait keeps the parent's event loop alive. */
  end(): Promise<void>;
}

/** Starts Python processes in which nobody's code has run. */
export interface ProcessStarter {
  start(): Promise<PythonProcess>;
  /** Ends what is starting; `start` rejects from then on. */
  close(): Promise<void>;
}
