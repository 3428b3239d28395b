import { stripVTControlCharacters } from 'node:util';
import type { Result, Sandbox } from '@e2b/code-interpreter';
import { SandboxGone } from './remote-sandbox.ts';
import type { ConnectRemote, RemoteFile, RemoteRun, RemoteSandbox } from './remote-sandbox.ts';

/** How `e2b()` starts sandboxes. What is left out, E2B's package takes from its own environment variables. */
export interface E2bOptions {
  /** @default the variable E2B_API_KEY */
  apiKey?: string;
  /** For E2B on hosts of your own. @default the variable E2B_DOMAIN, or E2B's own */
  domain?: string;
  /** The template to start. @default E2B's for code interpreters */
  template?: string;
  /** Whether code may reach the internet. @default false */
  internet?: boolean;
  /** Written beside each sandbox in E2B's list. */
  metadata?: Record<string, string>;
  /** Addresses of the two servers, where the domain does not say it all. */
  apiUrl?: string;
  sandboxUrl?: string;
}

const directory = '/mnt/data';

/** In E2B's template the directory does not exist, and the user may become root without a password. */
const setUp = `
import os, subprocess
try:
    os.makedirs("${directory}", exist_ok=True)
except PermissionError:
    subprocess.run(["sudo", "-n", "sh", "-c", "mkdir -p ${directory} && chmod 777 ${directory}"], check=True)
os.chdir("${directory}")
del os, subprocess
`;

/**
 * Starts sandboxes at E2B, for `remote({ connect: e2b() })`. Needs the package `@e2b/code-interpreter` installed beside
 * this one; a sandbox is a virtual machine of its own.
 */
export function e2b(options: E2bOptions = {}): ConnectRemote {
  return async ({ signal, lifetime }) => {
    const { Sandbox: Service } = await load();
    const { template, internet = false, ...rest } = options;
    const settings = { ...rest, timeoutMs: lifetime, allowInternetAccess: internet, signal };
    const sandbox =
      template === undefined ? await Service.create(settings) : await Service.create(template, settings);
    const { error } = await sandbox.runCode(setUp);
    if (error !== undefined) {
      await sandbox.kill();
      throw new Error(`${directory} could not be made in the sandbox: ${error.name}: ${error.value}`);
    }
    return new E2bSandbox(sandbox, lifetime);
  };
}

async function load(): Promise<{ Sandbox: typeof Sandbox }> {
  try {
    // Bundlers must leave it alone: most who bundle this package have not installed that one.
    return await import(/* webpackIgnore: true */ /* turbopackIgnore: true */ '@e2b/code-interpreter');
  } catch (error) {
    throw new Error(
      'e2b() needs the package @e2b/code-interpreter, which is not installed: npm install @e2b/code-interpreter',
      { cause: error },
    );
  }
}

class E2bSandbox implements RemoteSandbox {
  readonly #sandbox: Sandbox;
  readonly #lifetime: number;

  constructor(sandbox: Sandbox, lifetime: number) {
    this.#sandbox = sandbox;
    this.#lifetime = lifetime;
  }

  async run(code: string, options: Parameters<RemoteSandbox['run']>[1]): Promise<RemoteRun> {
    // The code is not on its way yet.
    await this.#sandbox.setTimeout(this.#lifetime).catch(throwGone);
    const { text, results, error } = await this.#sandbox
      .runCode(code, {
        timeoutMs: options.timeout,
        onStdout: ({ line }) => options.onStdout(line),
        onStderr: ({ line }) => options.onStderr(line),
      })
      .catch((cause: unknown) => {
        // What E2B's proxy answers in the place of a machine; other failures may come from the middle of a run.
        return /sandbox was not found/.test(String(cause)) ? throwGone(cause) : Promise.reject(cause);
      });
    return {
      value: text,
      // IPython colours its tracebacks.
      traceback: error === undefined ? undefined : stripVTControlCharacters(error.traceback),
      images: results.flatMap(toImages),
    };
  }

  async writeFile(name: string, bytes: Uint8Array): Promise<void> {
    await this.#sandbox.files.write(`${directory}/${name}`, new Blob([new Uint8Array(bytes)]));
  }

  readFile(name: string): Promise<Uint8Array> {
    return this.#sandbox.files.read(`${directory}/${name}`, { format: 'bytes' });
  }

  async listFiles(): Promise<RemoteFile[]> {
    const entries = await this.#sandbox.files.list(directory, { depth: 16 });
    return entries
      .filter(({ type, path }) => type === 'file' && path.startsWith(`${directory}/`))
      .map(({ path, size, modifiedTime }) => ({
        name: path.slice(directory.length + 1),
        size,
        version: `${size} ${modifiedTime?.getTime()}`,
      }));
  }

  async kill(): Promise<void> {
    await this.#sandbox.kill();
  }
}

function throwGone(cause: unknown): never {
  throw new SandboxGone('The sandbox at E2B is no more, or cannot be reached.', { cause });
}

/** One picture has several forms; the one that keeps most is enough. */
function toImages({ png, svg, jpeg }: Result): RemoteRun['images'] {
  if (png !== undefined) return [{ type: 'png', bytes: Buffer.from(png, 'base64') }];
  if (svg !== undefined) return [{ type: 'svg', bytes: Buffer.from(svg) }];
  return jpeg === undefined ? [] : [{ type: 'jpeg', bytes: Buffer.from(jpeg, 'base64') }];
}
