import { mkdirSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A folder for what is worth keeping between starts. A snapshot is code that will run: it must lie where no other user
 * of the machine can put one. A directory that belongs to someone else, or is open to others, is not used.
 */
export function privateDirectory(cacheDir: string | undefined): string {
  const candidates = [
    cacheDir,
    process.env.XDG_CACHE_HOME && join(process.env.XDG_CACHE_HOME, 'use-assistant'),
    join(homedir(), '.cache', 'use-assistant'),
    join(tmpdir(), `use-assistant-cache-${process.getuid?.() ?? 'user'}`),
  ];
  for (const directory of cacheDir === undefined ? candidates : [cacheDir]) {
    if (!directory) continue;
    try {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      const { uid, mode } = statSync(directory);
      const isOurs = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
      if (isOurs) return directory;
    } catch {
      // The next candidate may do.
    }
  }
  throw new Error('There is no private directory to keep files in.');
}
