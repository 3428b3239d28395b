import { commonPackages, Packages } from './packages.ts';
import type { PackagesOptions, PrefetchedPackage } from './packages.ts';

/** How to fill the cache of packages. */
export interface PrefetchOptions extends PackagesOptions {
  /** Names of packages. @default numpy, pandas, matplotlib, sympy, pillow and openpyxl */
  names?: readonly string[];
  /** Hears of every file, dependencies included. */
  onPackage?: (fetched: PrefetchedPackage) => void;
  signal?: AbortSignal;
}

/**
 * Fetches packages for `pyodide()` ahead of time, so that Python can import them without the network. Rejects with a
 * sentence that says which could not be had, and why; what was fetched before stays.
 */
export async function prefetchPackages(options: PrefetchOptions = {}): Promise<void> {
  const { names = commonPackages, onPackage, signal, ...where } = options;
  const packages = new Packages(where);
  try {
    await packages.prefetch(names, onPackage ?? (() => {}), signal);
  } finally {
    packages.close();
  }
}
