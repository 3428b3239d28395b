import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

const root = resolve(import.meta.dirname, '../..');

/** A running example. */
export interface Example {
  url: string;
  stop(): Promise<void>;
}

/** Starts an example by its one command, as a person would, and waits until it says where it is. */
export async function startExample(name: string, env: Record<string, string> = {}): Promise<Example> {
  // A key in the developer's shell must not make the tests talk to a real model.
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, ASSISTANT_MODEL: _model, ...inherited } = process.env;
  // A group of its own, ended as a terminal ends it: npm keeps signals to itself.
  const child: ChildProcess = spawn('npm', ['run', 'example', name, '--', '--port', '0'], {
    cwd: root,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid!, 'SIGTERM');
    await once(child, 'close');
  };
  for await (const line of createInterface({ input: child.stdout! })) {
    const address = /http:\/\/localhost:\d+/.exec(line);
    if (!address) continue;
    child.stdout!.resume();
    return { url: address[0], stop };
  }
  throw new Error(`The example ${name} ended before it printed its address.`);
}
