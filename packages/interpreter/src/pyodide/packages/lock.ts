import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPyodide } from '../locate.ts';

/** One file of a distribution, as its lock file describes it. */
export interface LockedPackage {
  name: string;
  fileName: string;
  /** Where it lies when that is not beside the others. */
  url: string | undefined;
  /** Hexadecimal. */
  sha256: string;
  /** Shared libraries go where the loader looks for them, everything else to `site-packages`. */
  target: 'site' | 'dynlib';
  /** Names of packages that must be there too. */
  depends: string[];
  /** The modules that it brings. */
  imports: string[];
}

/** What may be loaded: the packages of a lock file by name and by the modules that they bring. */
export class PackageLock {
  readonly #packages = new Map<string, LockedPackage>();
  readonly #modules = new Map<string, string>();

  constructor(packages: Iterable<LockedPackage>) {
    for (const entry of packages) {
      this.#packages.set(entry.name, entry);
      for (const module of entry.imports) this.#modules.set(module, entry.name);
    }
  }

  /** The package of this name; case, dots and underscores do not matter. */
  package(name: string): LockedPackage | undefined {
    return this.#packages.get(canonical(name));
  }

  /** The package that brings a module, such as `PIL` for pillow. */
  packageOf(module: string): LockedPackage | undefined {
    const name = this.#modules.get(module);
    return name === undefined ? undefined : this.#packages.get(name);
  }

  /** The package and everything that it needs, what is needed first. */
  closure(name: string): LockedPackage[] {
    const found = new Set<LockedPackage>();
    const visited = new Set<string>();
    const visit = (wanted: string): void => {
      const entry = this.package(wanted);
      if (entry === undefined) throw new Error(`The lock file has no package ${wanted}.`);
      if (visited.has(entry.name)) return;
      visited.add(entry.name);
      for (const dependency of entry.depends) visit(dependency);
      found.add(entry);
    };
    visit(name);
    return [...found];
  }
}

/**
 * openpyxl is no part of Pyodide's distribution. It is pure Python, so the wheels of the Python Package Index serve,
 * held to their hashes like all others.
 */
const additions: LockedPackage[] = [
  {
    name: 'openpyxl',
    fileName: 'openpyxl-3.1.5-py2.py3-none-any.whl',
    url: 'https://files.pythonhosted.org/packages/c0/da/977ded879c29cbd04de313843e76868e6e13408a94ed6b987245dc7c8506/openpyxl-3.1.5-py2.py3-none-any.whl',
    sha256: '5282c12b107bffeef825f4617dc029afaf41d0ea60823bbb665ef3079dc79de2',
    target: 'site',
    depends: ['et-xmlfile'],
    imports: ['openpyxl'],
  },
  {
    name: 'et-xmlfile',
    fileName: 'et_xmlfile-2.0.0-py3-none-any.whl',
    url: 'https://files.pythonhosted.org/packages/c1/8b/5fe2cc11fee489817272089c4203e679c63b570a5aaeb18d852ae3cbba6a/et_xmlfile-2.0.0-py3-none-any.whl',
    sha256: '7a91720bc756843502c3b7504c77b8fe44217c85c537d85037f0f536151b2caa',
    target: 'site',
    depends: [],
    imports: ['et_xmlfile'],
  },
];

/** Installers: they want the network, which is not there. */
const useless = new Set(['micropip', 'pyodide-http']);

let ownLock: PackageLock | undefined;

/** The lock file of the installed Pyodide and what we add to it, or the one at `path` alone. */
export function readLock(path: string | undefined): PackageLock {
  if (path !== undefined) return parseLock(readFileSync(/* turbopackIgnore: true */ path, 'utf8'), path);
  ownLock ??= readOwnLock();
  return ownLock;
}

function readOwnLock(): PackageLock {
  const path = join(/* turbopackIgnore: true */ findPyodide(), 'pyodide-lock.json');
  return parseLock(readFileSync(/* turbopackIgnore: true */ path, 'utf8'), path, additions);
}

/** Reads the text of a lock file in Pyodide's format; throws a sentence when it is none. */
export function parseLock(text: string, path: string, more: LockedPackage[] = []): PackageLock {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Error(`The package lock file ${path} is not JSON.`, { cause: error });
  }
  if (!isRecord(value) || !isRecord(value.packages)) {
    throw new Error(`The package lock file ${path} has no packages.`);
  }
  const packages = new Map(more.map((entry) => [entry.name, entry]));
  for (const [key, raw] of Object.entries(value.packages)) {
    const name = canonical(key);
    if (!useless.has(name)) packages.set(name, parseEntry(name, raw, path));
  }
  return new PackageLock(packages.values());
}

function parseEntry(name: string, raw: unknown, path: string): LockedPackage {
  const fail = (what: string): never => {
    throw new Error(`The package lock file ${path} is not sound: ${what} of ${name}.`);
  };
  if (!isRecord(raw)) return fail('the entry');
  const { file_name: fileName, sha256, install_dir: target = 'site', depends = [], imports = [] } = raw;
  // The name becomes a path in the cache, and part of an address.
  const isSound = typeof fileName === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_.+!-]{0,200}$/.test(fileName);
  if (!isSound) return fail('the file name');
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return fail('the SHA-256');
  if (target !== 'site' && target !== 'dynlib') return fail('the target');
  if (!isTexts(depends)) return fail('the list of dependencies');
  if (!isTexts(imports)) return fail('the list of modules');
  return { name, fileName, url: undefined, sha256, target, depends, imports };
}

/** One spelling for all that mean the same package, as Python's packaging rules say. */
export function canonical(name: string): string {
  return name.replaceAll(/[-_.]+/g, '-').toLowerCase();
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
