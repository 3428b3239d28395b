import { findPyodide, requireNode26 } from './locate.ts';
import type { BootMessage } from './messages.ts';
import type { PyodideSettings } from './options.ts';
import { cellsSource } from './python/cells.ts';
import { chartsSource } from './python/charts.ts';
import { SandboxProcess } from './sandbox-process.ts';
import { dropSnapshot, findSnapshot } from './snapshot.ts';

/** The boot without a snapshot that these settings ask for. */
export function toBootMessage(settings: PyodideSettings): BootMessage {
  const { memoryLimit, outputLimit, fileSizeLimit, totalSizeLimit, fileCountLimit } = settings;
  return {
    type: 'boot',
    pyodideDirectory: findPyodide(),
    snapshotPath: undefined,
    makeSnapshot: false,
    modules: { '_cells.py': cellsSource, 'charts.py': chartsSource },
    limits: {
      memoryBytes: memoryLimit,
      outputBytes: outputLimit,
      fileBytes: fileSizeLimit,
      totalBytes: totalSizeLimit,
      files: fileCountLimit,
    },
  };
}

/** Starts processes, some of them ahead of need. */
export class ProcessPool {
  readonly #settings: PyodideSettings;
  readonly #warm: Promise<SandboxProcess>[] = [];
  readonly #starting = new Set<SandboxProcess>();
  #boot: Promise<BootMessage> | undefined;
  #isClosed = false;

  constructor(settings: PyodideSettings) {
    this.#settings = settings;
  }

  /** Fills the pool; resolves when its processes stand. */
  async warm(): Promise<void> {
    while (!this.#isClosed && this.#warm.length < this.#settings.warmProcesses) {
      const started = this.#start();
      // A failure is told to the session that takes it.
      started.catch(() => {});
      this.#warm.push(started);
    }
    await Promise.all(this.#warm);
  }

  /** A process in which Python stands and nobody's code has run. */
  async take(): Promise<SandboxProcess> {
    for (;;) {
      const next = this.#warm.shift();
      const taken = await (next ?? this.#start());
      if (this.#isClosed) taken.kill();
      else void this.warm().catch(() => {});
      if (taken.isAlive || next === undefined) return taken;
    }
  }

  async #start(): Promise<SandboxProcess> {
    requireNode26();
    this.#boot ??= this.#prepare();
    const boot = await this.#boot;
    try {
      return await this.#bootFrom(boot);
    } catch (error) {
      if (boot.snapshotPath === undefined || this.#isClosed) throw error;
      await dropSnapshot(boot.snapshotPath);
      const plain = { ...boot, snapshotPath: undefined };
      this.#boot = Promise.resolve(plain);
      return this.#bootFrom(plain);
    }
  }

  async #bootFrom(boot: BootMessage): Promise<SandboxProcess> {
    if (this.#isClosed) throw new Error('The interpreter is closed.');
    const started = new SandboxProcess(boot);
    this.#starting.add(started);
    started.hold();
    try {
      await started.booted;
      return started;
    } finally {
      started.release();
      this.#starting.delete(started);
    }
  }

  async #prepare(): Promise<BootMessage> {
    const boot = toBootMessage(this.#settings);
    if (!this.#settings.snapshot) return boot;
    return { ...boot, snapshotPath: await findSnapshot(boot, this.#settings.cacheDir) };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#starting].map((started) => started.end()));
    const warm = await Promise.allSettled(this.#warm.splice(0));
    await Promise.all(
      warm.map((outcome) => {
        if (outcome.status === 'rejected') return undefined;
        return outcome.value.end();
      }),
    );
  }
}
