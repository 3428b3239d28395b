import { findPackageJSON } from 'node:module';
import { bubblewrap, bubblewrapRefusal } from './bubblewrap/bubblewrap.ts';
import type { BubblewrapOptions } from './bubblewrap/options.ts';
import { none } from './none.ts';
import type { CodeInterpreter } from './port.ts';
import type { PyodideOptions } from './pyodide/options.ts';
import { pyodide, pyodideRefusal } from './pyodide/pyodide.ts';
import { e2b } from './remote/e2b.ts';
import { remote } from './remote/remote.ts';
import type { RemoteOptions } from './remote/remote.ts';
import type { SessionLimits } from './sessions/limits.ts';

/** What `auto()` may choose from. `false` leaves a driver out. */
export interface AutoOptions {
  /** Limits for whichever driver it is; those of a driver's own options come first. */
  limits?: Omit<SessionLimits, 'memoryLimit'>;
  /** A hosted sandbox. @default E2B, when the variable E2B_API_KEY is set and its package is installed */
  remote?: RemoteOptions | false;
  bubblewrap?: BubblewrapOptions | false;
  pyodide?: PyodideOptions | false;
  /** Hears one line: which driver it is, and why none that is stronger. @default console.info */
  log?: (line: string) => void;
}

interface Candidate {
  name: string;
  /** What stands around the code, in a few words. */
  wall: string;
  /** Why it cannot be used; undefined when it can. */
  refusal: () => string | undefined;
  create: () => CodeInterpreter;
}

/**
 * The strongest driver that works here: a hosted sandbox when one is configured, bubblewrap where a trial start of it
 * succeeds, Pyodide, and otherwise none. Says which in one line of the log.
 */
export function auto(options: AutoOptions = {}): CodeInterpreter {
  const { log = (line: string) => console.info(line) } = options;
  const passed: string[] = [];
  for (const { name, wall, refusal, create } of candidates(options)) {
    const reason = refusal();
    if (reason === undefined) {
      log(`Code interpreter: ${name} (${wall}).${passed.map((line) => ` ${line}`).join('')}`);
      return create();
    }
    passed.push(`Not ${name}: ${reason}`);
  }
  log(`Code interpreter: none.${passed.map((line) => ` ${line}`).join('')}`);
  return none();
}

function candidates({ limits, ...options }: AutoOptions): Candidate[] {
  const found: Candidate[] = [];
  const hosted = options.remote ?? fromEnvironment();
  if (hosted) {
    found.push({
      name: hosted.name ?? 'remote',
      wall: 'a sandbox of a hosting service',
      refusal: () => undefined,
      create: () => remote({ ...limits, ...hosted }),
    });
  }
  if (options.bubblewrap !== false) {
    const settings = { ...limits, ...options.bubblewrap };
    found.push({
      name: 'bubblewrap',
      wall: "the kernel's namespaces",
      refusal: () => bubblewrapRefusal(settings),
      create: () => bubblewrap(settings),
    });
  }
  if (options.pyodide !== false) {
    const settings = { ...limits, ...options.pyodide };
    found.push({
      name: 'pyodide',
      wall: "WebAssembly in a process under Node's permission model",
      refusal: pyodideRefusal,
      create: () => pyodide(settings),
    });
  }
  return found;
}

/** E2B when its key is there; a key without the package is a mistake that a log line should name, not a crash. */
function fromEnvironment(): RemoteOptions | undefined {
  if (!process.env.E2B_API_KEY || !isInstalled('@e2b/code-interpreter')) return undefined;
  return { connect: e2b(), name: 'e2b' };
}

function isInstalled(name: string): boolean {
  try {
    return findPackageJSON(name, import.meta.url) !== undefined;
  } catch {
    return false;
  }
}
