import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Send } from './client.ts';
import type { Pace } from './paced-model.ts';

/** What an engine in a process of its own has used. */
export interface Usage {
  cpuMilliseconds: number;
  /** Bytes of memory that are its own. */
  memory: number;
}

export interface BenchServer {
  url: string;
  send: Send;
  /** Lets paced words come. */
  go(): void;
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Starts the engine as a server in a process of its own, with a paced model. */
export async function startServer(pace: Pace): Promise<BenchServer> {
  const program = fileURLToPath(new URL('./server-process.ts', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const child = fork(program, [JSON.stringify(pace), folder], {
    execArgv: ['--conditions=@use-assistant/source', '--expose-gc'],
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    send: (path, init) => fetch(`${url}${path}`, init),
    go: () => void child.send('go'),
    async usage() {
      child.send('usage');
      const [usage] = (await once(child, 'message')) as [Usage];
      return usage;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
