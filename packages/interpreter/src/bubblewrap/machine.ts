import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { BubblewrapSettings } from './options.ts';
import { toArguments } from './sandbox.ts';
import { seccompFilter } from './seccomp.ts';

/** Where bwrap stands, by the path variable and then where distributions put it. */
export function findBwrap(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/bin'];
  return folders
    .filter((folder) => folder.startsWith('/'))
    .map((folder) => join(folder, 'bwrap'))
    .find(isProgram);
}

/** Why this machine cannot run the driver, as a sentence for its owner; undefined when it can. Tries it once. */
export function refusal(settings: BubblewrapSettings): string | undefined {
  if (process.platform !== 'linux') return `bubblewrap works on Linux only; this is ${process.platform}.`;
  const bwrap = findBwrap();
  if (bwrap === undefined) {
    return 'The program bwrap is not installed. On Debian and Ubuntu: apt-get install bubblewrap.';
  }
  if (!isProgram(settings.python))
    return `There is no Python at ${settings.python}; name one in the option python.`;
  const key = JSON.stringify([bwrap, settings]);
  if (!tried.has(key)) tried.set(key, tryOut(bwrap, settings));
  return tried.get(key);
}

const tried = new Map<string, string | undefined>();

/** A sandbox with everything that a real one has, in which Python does nothing. */
function tryOut(bwrap: string, settings: BubblewrapSettings): string | undefined {
  const all = toArguments(settings, false);
  const before = all.slice(0, all.indexOf('--')).filter((argument, index, list) => {
    return argument !== '--info-fd' && list[index - 1] !== '--info-fd';
  });
  const { status, stderr, error } = spawnSync(
    bwrap,
    [...before, '--', settings.python, '-I', '-S', '-c', ''],
    {
      cwd: '/',
      env: {},
      encoding: 'utf8',
      timeout: 10_000,
      ...(process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}),
    },
  );
  if (status === 0) return undefined;
  const cause = (error?.message ?? stderr.trim()) || `exit code ${status}`;
  return (
    `bubblewrap cannot make a sandbox on this machine (${cause}). ` +
    'It needs bubblewrap 0.8 or newer and user namespaces for ordinary users, which some containers and systems forbid.'
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Whether calls of the system are filtered on this machine. */
export const filter: Buffer | undefined = seccompFilter();
