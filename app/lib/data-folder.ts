import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Where threads, files and the secret are kept: `ASSISTANT_DATA`, or `.data` at the root of the repository. */
export function dataFolder(): string {
  const folder = process.env['ASSISTANT_DATA'] || resolve(dirname(process.cwd()), '.data');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
