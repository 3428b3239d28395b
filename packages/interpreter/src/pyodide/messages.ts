import { isBytes, isRecord, isText, parseRunMessage } from '../sessions/messages.ts';
import type { RunMessage, SessionRequest } from '../sessions/messages.ts';

/** What the parent asks of its child process. */
export type ParentMessage = BootMessage | SessionRequest;

/** The first message: everything that a child needs to become a Python. */
export interface BootMessage {
  type: 'boot';
  /** Where Pyodide's own files lie. */
  pyodideDirectory: string;
  /** A memory snapshot to start from. */
  snapshotPath: string | undefined;
  /** Answer with a snapshot of the fresh memory, for other children to start from. */
  makeSnapshot: boolean;
  /** Python modules to install, by file name. */
  modules: Record<string, string>;
  limits: ChildLimits;
}

/** The limits that the child itself keeps; the parent checks them again. */
export interface ChildLimits {
  memoryBytes: number;
  outputBytes: number;
  fileBytes: number;
  totalBytes: number;
  files: number;
}

/** What a child may say. Nothing in it is to be believed before `parseChildMessage`. */
export type ChildMessage =
  | { type: 'booted'; snapshot: Uint8Array | undefined }
  | { type: 'broken'; reason: string }
  | RunMessage;

/** Reads a message of the child; undefined means that the child does not keep to the contract. */
export function parseChildMessage(message: unknown): ChildMessage | undefined {
  if (!isRecord(message)) return undefined;
  const { type, snapshot, reason } = message;
  if (type === 'booted') return snapshot === undefined || isBytes(snapshot) ? { type, snapshot } : undefined;
  if (type === 'broken') return isText(reason) ? { type, reason } : undefined;
  return parseRunMessage(message);
}
