import type { CodeInterpreter } from '../port.ts';
import { toSessionSettings } from '../sessions/limits.ts';
import type { SessionLimits, SessionSettings } from '../sessions/limits.ts';
import type { ProcessStarter } from '../sessions/python-process.ts';
import { SessionDriver } from '../sessions/session-driver.ts';
import { RemoteProcess } from './remote-process.ts';
import type { ConnectRemote } from './remote-sandbox.ts';

/** How `remote()` runs Python. Memory is the service's to limit. */
export interface RemoteOptions extends Omit<SessionLimits, 'memoryLimit'> {
  /** Starts a sandbox; `e2b()` makes such a function. */
  connect: ConnectRemote;
  /** Sandboxes started ahead of the session that will need them; they cost what a used one costs. @default 0 */
  warmProcesses?: number;
  /** @default 'remote' */
  name?: string;
  /** What the model should know: which modules there are, how to draw. */
  description?: string;
  /**
   * Whether the service keeps code away from machines that matter. One that does not, such as a Python on this machine,
   * refuses to start when `NODE_ENV` is `production`. @default true
   */
  isBoundary?: boolean;
  /** Starts in production all the same. @default false */
  allowWithoutBoundary?: boolean;
}

const defaultDescription =
  'Python 3 in a hosted sandbox, with numpy, pandas and matplotlib where the service has them. ' +
  'Files are read from and written to /mnt/data, the working directory. ' +
  'Draw with matplotlib: figures that are shown are saved there as PNG.';

/**
 * Runs Python in sandboxes of a hosting service, one for each session that is in use. Files of a session are kept here
 * and brought to each sandbox anew, so a sandbox may go at any time. Nothing starts before the first run.
 */
export function remote(options: RemoteOptions): CodeInterpreter {
  const { connect, name = 'remote', description = defaultDescription, ...rest } = options;
  const { isBoundary = true, allowWithoutBoundary = false, warmProcesses = 0, ...limits } = rest;
  if (!isBoundary) requireBoundary(name, allowWithoutBoundary);
  const memory = { default: Number.MAX_SAFE_INTEGER, least: 0 };
  const settings = toSessionSettings('remote', { ...limits, warmProcesses }, memory);
  return new SessionDriver({
    name,
    description,
    settings,
    starter: new RemoteStarter(connect, settings),
    requireMachine: () => {},
  });
}

/** Throws when code that strangers make a model write would run with nothing around it on a server in production. */
function requireBoundary(name: string, isAllowed: boolean): void {
  if (isAllowed || process.env.NODE_ENV !== 'production') return;
  throw new Error(
    `The interpreter ${name} is no boundary: the code that it runs can reach the machine it runs on. ` +
      'With NODE_ENV=production it does not start. Use bubblewrap(), pyodide() or a hosted sandbox, ' +
      'or set allowWithoutBoundary when something else stands around it.',
  );
}

class RemoteStarter implements ProcessStarter {
  readonly #connect: ConnectRemote;
  readonly #settings: SessionSettings;
  readonly #closing = new AbortController();

  constructor(connect: ConnectRemote, settings: SessionSettings) {
    this.#connect = connect;
    this.#settings = settings;
  }

  async start(): Promise<RemoteProcess> {
    const { signal } = this.#closing;
    signal.throwIfAborted();
    const { idleTimeout, runTimeout } = this.#settings;
    const sandbox = await this.#connect({ signal, lifetime: idleTimeout + runTimeout + 60_000 });
    const started = new RemoteProcess(sandbox, this.#settings);
    if (signal.aborted) {
      await started.end();
      signal.throwIfAborted();
    }
    return started;
  }

  close(): Promise<void> {
    this.#closing.abort(new Error('The interpreter is closed.'));
    return Promise.resolve();
  }
}
