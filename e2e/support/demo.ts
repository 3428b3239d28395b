import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

/** A running demo: the real command, on a free port, with an empty data folder of its own. */
export interface Demo {
  url: string;
  /** Where its threads and files are. */
  data: string;
  /** Ends it and, unless told to keep it, removes its data. */
  stop(options?: { keepData?: boolean }): Promise<void>;
}

/** How to start a demo. */
export interface DemoOptions {
  /** Variables beside the usual ones, such as `OPENAI_BASE_URL`. */
  env?: Record<string, string>;
  /** An earlier demo's folder. @default a new, empty one */
  data?: string;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', () => done());
  });
}

/** Starts `npm run demo` as a person would and waits for the address it prints. */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'use-assistant-demo-')));
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, ASSISTANT_MODEL: _model, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/demo.mjs', '--port', '0', '--no-build'], {
    cwd: root,
    env: { ...inherited, ASSISTANT_DATA: data, ...options.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((found, failed) => {
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      const address = /http:\/\/localhost:\d+/.exec(line);
      if (address) found(address[0]);
    });
    child.once('exit', (code) =>
      failed(new Error(`The demo ended with ${code} before it printed its address.`)),
    );
  });
  return {
    url,
    data,
    async stop({ keepData = false } = {}) {
      // Asked again by a fixture, it has nothing more to end.
      child.kill('SIGTERM');
      await ended(child);
      if (!keepData) await rm(data, { recursive: true, force: true });
    },
  };
}
