import { realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Bundlers rewrite `new URL('…', import.meta.url)` and `require.resolve`, but leave `import.meta.url` itself alone.
const here = dirname(fileURLToPath(import.meta.url));

/** The directory of the child's program, which the child may read; it holds nothing else. */
export const childDirectory: string = join(here, 'child');

/** The child's program: TypeScript beside the sources, JavaScript beside the build. */
export const childProgram: string = join(
  childDirectory,
  import.meta.url.endsWith('.ts') ? 'child.mts' : 'child.mjs',
);

/** The directory of the `pyodide` package, links resolved: the permission model compares real paths. */
export function findPyodide(): string {
  let manifest: string | undefined;
  try {
    manifest = findPackageJSON('pyodide', import.meta.url);
  } catch {
    // Told below.
  }
  if (manifest === undefined)
    throw new Error('The package pyodide is not installed beside @use-assistant/interpreter.');
  return realpathSync(dirname(manifest));
}

/** Throws unless this Node's permission model also closes the network, which it does since Node 26. */
export function requireNode26(version: string = process.versions.node): void {
  if (Number.parseInt(version, 10) >= 26) return;
  throw new Error(
    `The Pyodide interpreter needs Node 26 or newer, whose permission model is its wall; this is Node ${version}.`,
  );
}
