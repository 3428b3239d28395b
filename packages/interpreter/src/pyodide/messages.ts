import { isBytes, isRecord, isText, parseRunMessage } from '../sessions/messages.ts';
import type { RunMessage, SessionRequest } from '../sessions/messages.ts';

/** What the parent asks of its child process. */
export type ParentMessage =
  | BootMessage
  | SessionRequest
  /** A package that a module needs, checked. */
  | { type: 'package'; id: number; fileName: string; target: 'site' | 'dynlib'; bytes: Uint8Array }
  /** The answer to an `import`, after its packages; `problem` is a sentence why there are none. */
  | { type: 'imported'; id: number; problem: string | undefined };

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
  /** Whether the parent answers `import`. */
  hasPackages: boolean;
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
  /** Python stands; `bytes` is the snapshot, when one was wanted. */
  | { type: 'booted'; bytes?: Uint8Array | undefined }
  /** Code wants to import a module that is not there. */
  | { type: 'import'; id: number; module: string }
  | { type: 'broken'; reason: string }
  | RunMessage;

/** Reads a message of the child; undefined means that the child does not keep to the contract. */
export function parseChildMessage(message: unknown): ChildMessage | undefined {
  if (!isRecord(message)) return undefined;
  const { type, bytes, reason, id, module } = message;
  if (type === 'booted') return bytes === undefined || isBytes(bytes) ? { type, bytes } : undefined;
  if (type === 'import') {
    return Number.isSafeInteger(id) && isText(module, 200) ? { type, id: id as number, module } : undefined;
  }
  if (type === 'broken') return isText(reason) ? { type, reason } : undefined;
  return parseRunMessage(message);
}
