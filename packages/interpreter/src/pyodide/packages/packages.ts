import { readFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { findPyodide } from '../locate.ts';
import { privateDirectory } from '../private-directory.ts';
import { readLock } from './lock.ts';
import type { LockedPackage, PackageLock } from './lock.ts';
import { isAddress, PackageCache, PackageUnavailable } from './package-cache.ts';

/** Which packages beside the standard library Python may import, and where they come from. */
export interface PackagesOptions {
  /**
   * Where the files lie: an address or a folder of this machine. Whatever it sends counts only when it has the SHA-256
   * that the lock file says.
   * @default Pyodide's public address for the installed version, `https://cdn.jsdelivr.net/pyodide/v…/full/`
   */
  source?: string;
  /** A folder that keeps what was fetched. @default `packages` in a folder of the user's cache directory */
  cache?: string;
  /** A lock file in Pyodide's format, trusted. @default the one of the installed Pyodide, and openpyxl */
  lockFile?: string;
  /** Milliseconds without a byte after which a download is given up. @default 15_000 */
  timeout?: number;
  /** Bytes of one package's file. @default 100 MiB */
  fileSizeLimit?: number;
  /** Bytes of all packages' files that one process may be given. @default 300 MiB */
  totalSizeLimit?: number;
}

/** The packages that assistants are used to, with what they need: what is prefetched when nothing is named. */
export const commonPackages: readonly string[] = [
  'numpy',
  'pandas',
  'matplotlib',
  'sympy',
  'pillow',
  'openpyxl',
];

/** A package on its way to a process. */
export interface PackageFile {
  fileName: string;
  target: 'site' | 'dynlib';
  bytes: Uint8Array;
}

/** What became of one package during a prefetch. */
export interface PrefetchedPackage {
  name: string;
  fileName: string;
  /** Whether it was in the cache already. */
  wasThere: boolean;
  /** Bytes. */
  size: number;
}

/** The packages that Pyodide processes may import. The parent fetches, checks and keeps them; a process only asks. */
export class Packages {
  readonly totalSizeLimit: number;
  readonly #lock: PackageLock;
  readonly #cache: PackageCache;

  constructor(options: PackagesOptions = {}) {
    const source = options.source ?? defaultSource();
    this.totalSizeLimit = options.totalSizeLimit ?? 300 * 2 ** 20;
    this.#lock = readLock(options.lockFile);
    this.#cache = new PackageCache({
      directory: options.cache ?? defaultCache(),
      source: isAddress(source) && !source.endsWith('/') ? `${source}/` : source,
      isDefaultSource: options.source === undefined,
      timeout: options.timeout ?? 15_000,
      fileSizeLimit: options.fileSizeLimit ?? 100 * 2 ** 20,
    });
  }

  /**
   * The files that a module needs and `given` does not name, what is needed first; undefined when no package brings
   * this module. Rejects with `PackageUnavailable`, its message a sentence for the model.
   */
  async forModule(
    module: string,
    given: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<PackageFile[] | undefined> {
    const wanted = this.#lock.packageOf(module);
    if (wanted === undefined) return undefined;
    const missing = this.#lock.closure(wanted.name).filter(({ fileName }) => !given.has(fileName));
    return Promise.all(
      missing.map(async (entry) => {
        try {
          const { fileName, target } = entry;
          return { fileName, target, bytes: await this.#cache.read(entry, signal) };
        } catch (error) {
          if (!(error instanceof PackageUnavailable)) throw error;
          const whose = entry === wanted ? '' : `, which ${wanted.name} needs,`;
          throw new PackageUnavailable(
            `The package ${entry.name}${whose} could not be loaded: ${error.message}.`,
            { cause: error },
          );
        }
      }),
    );
  }

  /** Names among `commonPackages` that can be imported without the source, by the look of it. */
  atHand(): string[] {
    return commonPackages.filter((name) => {
      if (this.#lock.package(name) === undefined) return false;
      return this.#lock.closure(name).every((entry) => this.#cache.has(entry));
    });
  }

  /**
   * Puts packages and what they need into the cache, one after the other; `tell` hears of each. Rejects with a sentence
   * for the operator at the first that cannot be had.
   */
  async prefetch(
    names: readonly string[],
    tell: (fetched: PrefetchedPackage) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const unknown = names.filter((name) => this.#lock.package(name) === undefined);
    if (unknown.length > 0) {
      throw new PackageUnavailable(
        `Pyodide's distribution has no package ${unknown.join(', ')}; the names are those of its lock file.`,
      );
    }
    const entries = new Set<LockedPackage>(names.flatMap((name) => this.#lock.closure(name)));
    for (const entry of entries) {
      const { name, fileName } = entry;
      const wasThere = this.#cache.has(entry);
      try {
        const { length: size } = await this.#cache.read(entry, signal);
        tell({ name, fileName, wasThere, size });
      } catch (error) {
        if (!(error instanceof PackageUnavailable)) throw error;
        throw new PackageUnavailable(
          `${name} could not be fetched: ${error.message}. What was fetched before it is kept. ` +
            'On a machine without the network name a folder that holds the files, or another address, as the source.',
          { cause: error },
        );
      }
    }
  }

  /** Ends every download. */
  close(): void {
    this.#cache.close();
  }
}

function defaultCache(): string {
  try {
    return join(/* turbopackIgnore: true */ privateDirectory(undefined), 'packages');
  } catch {
    // Nothing can be kept; what is fetched serves this process.
    return join(/* turbopackIgnore: true */ devNull, 'packages');
  }
}

function defaultSource(): string {
  const path = join(/* turbopackIgnore: true */ findPyodide(), 'package.json');
  const manifest = JSON.parse(readFileSync(/* turbopackIgnore: true */ path, 'utf8')) as { version: string };
  return `https://cdn.jsdelivr.net/pyodide/v${manifest.version}/full/`;
}
