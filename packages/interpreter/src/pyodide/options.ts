/** How `pyodide()` runs Python. Every setting has a default that suits a chat server on a small machine. */
export interface PyodideOptions {
  /** Milliseconds that one run may take. @default 60_000 */
  runTimeout?: number;
  /** Bytes that Python's memory may grow to. @default 512 MiB */
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
  /** Where the memory snapshot for a fast start is kept. @default a folder of the user's cache directory */
  cacheDir?: string;
  /** Whether to start from a memory snapshot at all. @default true */
  snapshot?: boolean;
}

/** The options with their defaults filled in. */
export type PyodideSettings = Required<Omit<PyodideOptions, 'cacheDir'>> & { cacheDir: string | undefined };

const mebibyte = 2 ** 20;

export function toSettings(options: PyodideOptions): PyodideSettings {
  const settings: PyodideSettings = {
    runTimeout: options.runTimeout ?? 60_000,
    memoryLimit: options.memoryLimit ?? 512 * mebibyte,
    outputLimit: options.outputLimit ?? 64 * 1024,
    fileSizeLimit: options.fileSizeLimit ?? 50 * mebibyte,
    totalSizeLimit: options.totalSizeLimit ?? 200 * mebibyte,
    fileCountLimit: options.fileCountLimit ?? 1_000,
    idleTimeout: options.idleTimeout ?? 900_000,
    maxProcesses: options.maxProcesses ?? 4,
    warmProcesses: options.warmProcesses ?? 1,
    cacheDir: options.cacheDir,
    snapshot: options.snapshot ?? true,
  };
  for (const [name, value] of Object.entries(settings)) {
    const least = name === 'warmProcesses' ? 0 : 1;
    if (typeof value === 'number' && !(value >= least)) {
      throw new RangeError(`pyodide(): ${name} must be at least ${least}, not ${value}.`);
    }
  }
  if (settings.memoryLimit < 64 * mebibyte) {
    throw new RangeError('pyodide(): memoryLimit must be at least 64 MiB; Python itself needs that much.');
  }
  return settings;
}
