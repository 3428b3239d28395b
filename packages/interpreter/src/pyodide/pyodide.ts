import type { CodeInterpreter } from '../port.ts';
import { SessionDriver } from '../sessions/session-driver.ts';
import { findPyodide, requireNode26 } from './locate.ts';
import type { PyodideOptions } from './options.ts';
import { toSettings } from './options.ts';
import { commonPackages } from './packages/packages.ts';
import type { Packages } from './packages/packages.ts';
import { PyodideStarter } from './pyodide-starter.ts';

/** The Pyodide driver, which can be told to get ready before the first session asks. */
export interface PyodideInterpreter extends CodeInterpreter {
  /** Starts processes ahead of need; resolves when they stand. */
  warm(): Promise<void>;
}

/** What the model is told. Which packages are at hand is looked up once: a prefetch counts from the next start on. */
function describe(packages: Packages | undefined): string {
  return (
    `Python 3.14 with the standard library${describePackages(packages)} and no network. ` +
    'Files are read from and written to /mnt/data, the working directory. ' +
    "To draw, use the module charts: charts.line('trend.svg', x, y, title='Trend', xlabel='', ylabel='', trend=True), " +
    'charts.bar(...) and charts.scatter(...) with the same arguments; y may be a dict of named series; x may hold numbers, dates or texts.'
  );
}

function describePackages(packages: Packages | undefined): string {
  if (packages === undefined) return ' only (no numpy, pandas or matplotlib)';
  const ready = packages.atHand();
  const uncertain = commonPackages.filter((name) => !ready.includes(name));
  const figures = ready.includes('matplotlib')
    ? ' (figures that are shown become PNG files in /mnt/data)'
    : '';
  const parts = [
    ...(ready.length === 0 ? [] : [`, ${ready.join(', ')}${figures}`]),
    ...(uncertain.length === 0
      ? []
      : [
          `; ${uncertain.join(', ')} may be imported where this server can fetch them, use charts when that fails;`,
        ]),
  ];
  return parts.join('');
}

/**
 * Runs Python as WebAssembly in child processes under Node's permission model: no network, no host files, no
 * environment, no other processes. Nothing starts before the first `session` or `warm`. Needs Node 26.
 */
export function pyodide(options: PyodideOptions = {}): PyodideInterpreter {
  const settings = toSettings(options);
  const starter = new PyodideStarter(settings);
  return new SessionDriver({
    name: 'pyodide',
    description: describe(starter.packages),
    settings,
    starter,
    requireMachine: requireNode26,
  });
}

/** Why `pyodide()` cannot run here, as a sentence; undefined when it can. */
export function pyodideRefusal(): string | undefined {
  try {
    requireNode26();
    findPyodide();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
