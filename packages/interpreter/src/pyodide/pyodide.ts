import type { CodeInterpreter } from '../port.ts';
import { SessionDriver } from '../sessions/session-driver.ts';
import { requireNode26 } from './locate.ts';
import type { PyodideOptions } from './options.ts';
import { toSettings } from './options.ts';
import { PyodideStarter } from './pyodide-starter.ts';

/** The Pyodide driver, which can be told to get ready before the first session asks. */
export interface PyodideInterpreter extends CodeInterpreter {
  /** Starts processes ahead of need; resolves when they stand. */
  warm(): Promise<void>;
}

const description =
  'Python 3.14 with the standard library only (no numpy, pandas or matplotlib, no network). ' +
  'Files are read from and written to /mnt/data, the working directory. ' +
  "To draw, use the module charts: charts.line('trend.svg', x, y, title='Trend', xlabel='', ylabel='', trend=True), " +
  'charts.bar(...) and charts.scatter(...) with the same arguments; y may be a dict of named series; x may hold numbers, dates or texts.';

/**
 * Runs Python as WebAssembly in child processes under Node's permission model: no network, no host files, no
 * environment, no other processes. Nothing starts before the first `session` or `warm`. Needs Node 26.
 */
export function pyodide(options: PyodideOptions = {}): PyodideInterpreter {
  const settings = toSettings(options);
  return new SessionDriver({
    name: 'pyodide',
    description,
    settings,
    starter: new PyodideStarter(settings),
    requireMachine: requireNode26,
  });
}
