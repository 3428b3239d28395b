import { fork } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
const here: string = dirname(fileURLToPath(import.meta.url));
export function spike(): string {
  let r = '';
  try {
    r = createRequire(import.meta.url).resolve('pyodide');
  } catch (e) {
    r = String(e);
  }
  return join(here, 'child.mjs') + ' ' + process.version + typeof fork + r;
}
