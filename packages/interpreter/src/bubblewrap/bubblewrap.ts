import type { CodeInterpreter } from '../port.ts';
import { Booting } from '../sessions/booting.ts';
import type { ProcessStarter } from '../sessions/python-process.ts';
import { SessionDriver } from '../sessions/session-driver.ts';
import { KernelProcess } from './kernel-process.ts';
import { filter, findBwrap, refusal } from './machine.ts';
import type { BubblewrapOptions, BubblewrapSettings } from './options.ts';
import { toSettings } from './options.ts';
import { toArguments } from './sandbox.ts';

/** The bubblewrap driver, which can be told to get ready before the first session asks. */
export interface BubblewrapInterpreter extends CodeInterpreter {
  /** Starts processes ahead of need; resolves when they stand. */
  warm(): Promise<void>;
}

const description =
  "The machine's own Python 3 with its standard library and, where installed, numpy, pandas, matplotlib and sympy; no network. " +
  'Files are read from and written to /mnt/data, the working directory. ' +
  'Draw with matplotlib: plt.show() and figures left open are saved there as PNG. ' +
  "Where it is missing, the module charts draws SVG: charts.line('trend.svg', x, y, title='Trend'), charts.bar, charts.scatter.";

/**
 * Runs the system's Python in namespaces of its own: no network, no host files, no environment, no privileges, bounded
 * memory, processes and disk. Linux with bubblewrap 0.8 and Python 3 only; elsewhere the first `session` or `warm`
 * rejects with a sentence that says what is missing. Nothing starts before.
 */
export function bubblewrap(options: BubblewrapOptions = {}): BubblewrapInterpreter {
  const settings = toSettings(options);
  return new SessionDriver({
    name: 'bubblewrap',
    description,
    settings,
    starter: new SandboxStarter(settings),
    requireMachine: () => {
      const reason = refusal(settings);
      if (reason !== undefined) throw new Error(reason);
    },
  });
}

/** Why `bubblewrap(options)` cannot run here, as a sentence; undefined when it can. Starts a sandbox once to know. */
export function bubblewrapRefusal(options: BubblewrapOptions = {}): string | undefined {
  return refusal(toSettings(options));
}

class SandboxStarter implements ProcessStarter {
  readonly #settings: BubblewrapSettings;
  readonly #booting = new Booting<KernelProcess>();

  constructor(settings: BubblewrapSettings) {
    this.#settings = settings;
  }

  start(): Promise<KernelProcess> {
    const command = () => ({
      program: findBwrap() ?? 'bwrap',
      arguments: toArguments(this.#settings, filter !== undefined),
      filter,
      fileBytes: this.#settings.fileSizeLimit,
    });
    return this.#booting.boot(() => new KernelProcess(command()));
  }

  close(): Promise<void> {
    return this.#booting.close();
  }
}
