import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';

/** The engine in another process, so that its memory can be told from the test's. */
export interface StartedProcess {
  url: string;
  openai: OpenAI;
  /** The most memory that it has ever held, in bytes. */
  peak(): Promise<number>;
}

/** Starts the engine on a data folder as a process that ends with the test. `env` chooses its models. */
export async function startProcess(data: string, env: Record<string, string> = {}): Promise<StartedProcess> {
  const program = fileURLToPath(new URL('engine-process.ts', import.meta.url));
  const child: ChildProcess = fork(program, [data, JSON.stringify(env)], {
    execArgv: ['--conditions=@use-assistant/source'],
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const exit = once(child, 'exit');
    child.disconnect();
    await exit;
  });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  return {
    url,
    openai: new OpenAI({ baseURL: url, apiKey: 'none', maxRetries: 0 }),
    async peak() {
      child.send({});
      const [{ peak }] = (await once(child, 'message')) as [{ peak: number }];
      return peak;
    },
  };
}
