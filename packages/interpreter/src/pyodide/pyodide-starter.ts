import { chartsSource } from '../sessions/python/charts/charts.ts';
import { figuresSource } from '../sessions/python/figures.ts';
import { Booting } from '../sessions/booting.ts';
import type { ProcessStarter } from '../sessions/python-process.ts';
import { findPyodide, requireNode26 } from './locate.ts';
import type { BootMessage } from './messages.ts';
import type { PyodideSettings } from './options.ts';
import { cellsSource } from './python/cells.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { Packages } from './packages/packages.ts';
import { dropSnapshot, findSnapshot } from './snapshot.ts';

/** The boot without a snapshot that these settings ask for. */
export function toBootMessage(settings: PyodideSettings): BootMessage {
  const { memoryLimit, outputLimit, fileSizeLimit, totalSizeLimit, fileCountLimit } = settings;
  return {
    type: 'boot',
    pyodideDirectory: findPyodide(),
    snapshotPath: undefined,
    makeSnapshot: false,
    hasPackages: settings.packages !== false,
    modules: { '_cells.py': cellsSource, 'charts.py': chartsSource, '_figures.py': figuresSource },
    limits: {
      memoryBytes: memoryLimit,
      outputBytes: outputLimit,
      fileBytes: fileSizeLimit,
      totalBytes: totalSizeLimit,
      files: fileCountLimit,
    },
  };
}

/** Starts Pyodide processes, from a memory snapshot where there is one. */
export class PyodideStarter implements ProcessStarter {
  readonly #settings: PyodideSettings;
  readonly #booting = new Booting<SandboxProcess>();
  readonly packages: Packages | undefined;
  #boot: Promise<BootMessage> | undefined;

  constructor(settings: PyodideSettings) {
    this.#settings = settings;
    this.packages = settings.packages === false ? undefined : new Packages(settings.packages);
  }

  async start(): Promise<SandboxProcess> {
    requireNode26();
    this.#boot ??= this.#prepare();
    const boot = await this.#boot;
    try {
      return await this.#bootFrom(boot);
    } catch (error) {
      if (boot.snapshotPath === undefined || this.#booting.isClosed) throw error;
      await dropSnapshot(boot.snapshotPath);
      const plain = { ...boot, snapshotPath: undefined };
      this.#boot = Promise.resolve(plain);
      return this.#bootFrom(plain);
    }
  }

  #bootFrom(boot: BootMessage): Promise<SandboxProcess> {
    return this.#booting.boot(() => new SandboxProcess(boot, { ...this.#settings, packages: this.packages }));
  }

  async #prepare(): Promise<BootMessage> {
    const boot = toBootMessage(this.#settings);
    if (!this.#settings.snapshot) return boot;
    return { ...boot, snapshotPath: await findSnapshot(boot, this.#settings.cacheDir) };
  }

  close(): Promise<void> {
    this.packages?.close();
    return this.#booting.close();
  }
}
