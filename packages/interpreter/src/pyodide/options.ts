import { mebibyte, toSessionSettings } from '../sessions/limits.ts';
import type { PackagesOptions } from './packages/packages.ts';
import type { SessionLimits, SessionSettings } from '../sessions/limits.ts';

/** How `pyodide()` runs Python. Every setting has a default that suits a chat server on a small machine. */
export interface PyodideOptions extends SessionLimits {
  /** Bytes that Python's memory may grow to. @default 512 MiB */
  memoryLimit?: number;
  /** Where the memory snapshot for a fast start is kept. @default a folder of the user's cache directory */
  cacheDir?: string;
  /** Whether to start from a memory snapshot at all. @default true */
  snapshot?: boolean;
  /**
   * The packages that code may import beside the standard library: where they come from and where they are kept.
   * `false` for none. @default Pyodide's public address, and a folder of the user's cache directory
   */
  packages?: PackagesOptions | false;
}

/** The options with their defaults filled in. */
export interface PyodideSettings extends SessionSettings {
  cacheDir: string | undefined;
  snapshot: boolean;
  packages: PackagesOptions | false;
}

export function toSettings(options: PyodideOptions): PyodideSettings {
  const { cacheDir, snapshot = true, packages = {}, ...limits } = options;
  const memory = { default: 512 * mebibyte, least: 64 * mebibyte };
  return { ...toSessionSettings('pyodide', limits, memory), cacheDir, snapshot, packages };
}
