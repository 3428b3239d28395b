import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The command, run from its sources, as a process of its own. */
export interface EngineChild {
  process: ChildProcess;
  /** Its address, once it listens; undefined when it ended before. */
  listening: Promise<string | undefined>;
  /** What it wrote to standard error that is no line about a request. */
  complaints(): string[];
  /** Sends the signal and waits for the end. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** Starts the command on a data folder. `cache` keeps compiled code from one process to the next, to start quickly. */
export function startChild(data: string, cache: string): EngineChild {
  const path = fileURLToPath(new URL('../command.ts', import.meta.url));
  const args = ['--conditions=@use-assistant/source', path, '--port', '0', '--data', data, '--grace', '0'];
  const child = spawn(process.execPath, args, {
    env: { NODE_COMPILE_CACHE: cache },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const listening = new Promise<string | undefined>((resolve) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      const url = /http\S+(?= \()/.exec((output += text));
      if (url) resolve(url[0]);
    });
    void exited.then(() => resolve(undefined));
  });
  return {
    process: child,
    listening,
    complaints: () => errors.split('\n').filter((line) => line !== '' && !line.includes('"level":"info"')),
    async end(signal) {
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}
