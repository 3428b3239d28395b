import { mebibyte, toSessionSettings } from '../sessions/limits.ts';
import type { SessionLimits, SessionSettings } from '../sessions/limits.ts';

/** How `bubblewrap()` runs Python. Every setting has a default that suits a chat server on a small machine. */
export interface BubblewrapOptions extends SessionLimits {
  /** Bytes of memory that Python may take, beside what its libraries reserve; beyond it `MemoryError`. @default 1 GiB */
  memoryLimit?: number;
  /** Processes and threads that a session may have at the same time. @default 64 */
  processLimit?: number;
  /** The Python to run. @default '/usr/bin/python3' */
  python?: string;
  /** Paths of the host that Python may read beside `/usr`, where another Python or more packages lie. @default [] */
  readOnlyPaths?: string[];
}

/** The options with their defaults filled in. */
export interface BubblewrapSettings extends SessionSettings {
  processLimit: number;
  python: string;
  readOnlyPaths: string[];
}

export function toSettings({
  processLimit = 64,
  python = '/usr/bin/python3',
  readOnlyPaths = [],
  ...limits
}: BubblewrapOptions): BubblewrapSettings {
  const memory = { default: 1024 * mebibyte, least: 64 * mebibyte };
  if (!(processLimit >= 8)) {
    throw new RangeError(`bubblewrap(): processLimit must be at least 8, not ${processLimit}.`);
  }
  for (const path of [python, ...readOnlyPaths]) {
    if (!path.startsWith('/')) throw new RangeError(`bubblewrap(): ${path} must be an absolute path.`);
  }
  return { ...toSessionSettings('bubblewrap', limits, memory), processLimit, python, readOnlyPaths };
}
