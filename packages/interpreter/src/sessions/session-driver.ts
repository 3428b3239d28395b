import type { CodeInterpreter, CodeInterpreterSession } from '../port.ts';
import type { SessionSettings } from './limits.ts';
import type { ProcessStarter } from './python-process.ts';
import { Seats } from './seats.ts';
import { PythonSession } from './session.ts';
import { WarmPool } from './warm-pool.ts';

/** What makes one driver of local processes differ from another. */
export interface DriverParts {
  name: string;
  description: string;
  settings: SessionSettings;
  starter: ProcessStarter;
  /** Throws a sentence when this machine cannot run the driver. */
  requireMachine: () => void;
}

/** The part of a driver that all have in common which run Python in processes of this machine. */
export class SessionDriver implements CodeInterpreter {
  readonly name: string;
  readonly description: string;
  readonly #settings: SessionSettings;
  readonly #requireMachine: () => void;
  readonly #sessions = new Map<string, PythonSession>();
  readonly #pool: WarmPool;
  readonly #seats: Seats;
  #isClosed = false;

  constructor({ name, description, settings, starter, requireMachine }: DriverParts) {
    this.name = name;
    this.description = description;
    this.#settings = settings;
    this.#requireMachine = requireMachine;
    this.#pool = new WarmPool(starter, settings.warmProcesses);
    this.#seats = new Seats(settings.maxProcesses);
  }

  /** Starts processes ahead of need; resolves when they stand. */
  async warm(): Promise<void> {
    this.#requireMachine();
    await this.#pool.warm();
  }

  async session(id: string): Promise<CodeInterpreterSession> {
    this.#requireMachine();
    if (this.#isClosed) throw new Error('The interpreter is closed.');
    const open = this.#sessions.get(id);
    if (open !== undefined) return open;
    const session: PythonSession = new PythonSession(id, this.#settings, this.#pool, this.#seats, () => {
      if (this.#sessions.get(id) === session) this.#sessions.delete(id);
    });
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
