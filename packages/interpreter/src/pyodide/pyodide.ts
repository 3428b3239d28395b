import type { CodeInterpreter, CodeInterpreterSession } from '../port.ts';
import { requireNode26 } from './locate.ts';
import type { PyodideOptions } from './options.ts';
import { toSettings } from './options.ts';
import { ProcessPool } from './process-pool.ts';
import { Seats } from './seats.ts';
import { PyodideSession } from './session.ts';

/** The Pyodide driver, which can be told to get ready before the first session asks. */
export interface PyodideInterpreter extends CodeInterpreter {
  /** Starts processes ahead of need; resolves when they stand. */
  warm(): Promise<void>;
}

/**
 * Runs Python as WebAssembly in child processes under Node's permission model: no network, no host files, no
 * environment, no other processes. Nothing starts before the first `session` or `warm`. Needs Node 26.
 */
export function pyodide(options: PyodideOptions = {}): PyodideInterpreter {
  return new PyodideDriver(options);
}

class PyodideDriver implements PyodideInterpreter {
  readonly name = 'pyodide';
  readonly description =
    'Python 3.14 with the standard library only (no numpy, pandas or matplotlib, no network). ' +
    'Files are read from and written to /mnt/data, the working directory. ' +
    "To draw, use the module charts: charts.line('trend.svg', x, y, title='Trend', xlabel='', ylabel='', trend=True), " +
    'charts.bar(...) and charts.scatter(...) with the same arguments; y may be a dict of named series; x may hold numbers, dates or texts.';
  readonly #options: PyodideOptions;
  readonly #sessions = new Map<string, PyodideSession>();
  readonly #pool: ProcessPool;
  readonly #seats: Seats;
  #isClosed = false;

  constructor(options: PyodideOptions) {
    const settings = toSettings(options);
    this.#options = options;
    this.#pool = new ProcessPool(settings);
    this.#seats = new Seats(settings.maxProcesses);
  }

  async warm(): Promise<void> {
    requireNode26();
    await this.#pool.warm();
  }

  async session(id: string): Promise<CodeInterpreterSession> {
    requireNode26();
    if (this.#isClosed) throw new Error('The interpreter is closed.');
    const open = this.#sessions.get(id);
    if (open !== undefined) return open;
    const session: PyodideSession = new PyodideSession(
      id,
      toSettings(this.#options),
      this.#pool,
      this.#seats,
      () => {
        if (this.#sessions.get(id) === session) this.#sessions.delete(id);
      },
    );
    this.#sessions.set(id, session);
    // The first run will need it; if it fails, that run tells.
    this.#pool.warm().catch(() => {});
    return session;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([
      this.#pool.close(),
      ...[...this.#sessions.values()].map((session) => session.close()),
    ]);
  }
}
