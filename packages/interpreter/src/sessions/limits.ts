/** What a session may take of the machine. Every limit has a default that suits a chat server on a small machine. */
export interface SessionLimits {
  /** Milliseconds that one run may take. @default 60_000 */
  runTimeout?: number;
  /** Bytes of memory that Python may take; beyond it `MemoryError`. */
  memoryLimit?: number;
  /** Bytes of output that one run may write; what exceeds it is left out with a note. @default 64 KiB */
  outputLimit?: number;
  /** Bytes of one file under `/mnt/data`. @default 50 MiB */
  fileSizeLimit?: number;
  /** Bytes of all files of a session. @default 200 MiB */
  totalSizeLimit?: number;
  /** Files of a session. @default 1_000 */
  fileCountLimit?: number;
  /** Milliseconds after which an unused session gives its process back; its files stay. @default 900_000 */
  idleTimeout?: number;
  /** Sessions that may have a process at the same time; the least recently used one gives its own up. @default 4 */
  maxProcesses?: number;
  /** Processes kept ready ahead of the session that will need them. @default 1 */
  warmProcesses?: number;
}

/** The limits with their defaults filled in. */
export type SessionSettings = Required<SessionLimits>;

export const mebibyte: number = 2 ** 20;

/** Fills in the defaults; throws a `RangeError` that names the driver and the option which makes no sense. */
export function toSessionSettings(
  driver: string,
  limits: SessionLimits,
  memory: { default: number; least: number },
): SessionSettings {
  const settings: SessionSettings = {
    runTimeout: limits.runTimeout ?? 60_000,
    memoryLimit: limits.memoryLimit ?? memory.default,
    outputLimit: limits.outputLimit ?? 64 * 1024,
    fileSizeLimit: limits.fileSizeLimit ?? 50 * mebibyte,
    totalSizeLimit: limits.totalSizeLimit ?? 200 * mebibyte,
    fileCountLimit: limits.fileCountLimit ?? 1_000,
    idleTimeout: limits.idleTimeout ?? 900_000,
    maxProcesses: limits.maxProcesses ?? 4,
    warmProcesses: limits.warmProcesses ?? 1,
  };
  for (const [name, value] of Object.entries(settings)) {
    const least = name === 'warmProcesses' ? 0 : 1;
    if (!(value >= least))
      throw new RangeError(`${driver}(): ${name} must be at least ${least}, not ${value}.`);
  }
  if (settings.memoryLimit < memory.least) {
    throw new RangeError(
      `${driver}(): memoryLimit must be at least ${memory.least / mebibyte} MiB; Python itself needs that much.`,
    );
  }
  return settings;
}
