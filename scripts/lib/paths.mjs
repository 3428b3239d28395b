import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. Every script works from here, wherever it was called. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Where the installed programs are, the bundled Node among them. */
export const bin = join(root, 'node_modules', '.bin');
