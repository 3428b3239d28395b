import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { isAlive } from '../test-support/conformance.ts';
import { KernelProcess } from './kernel-process.ts';

// Like bwrap: its child waits to be let go and holds its pipes; descriptor 5 names it, here when it is told to.
const slow = {
  program: '/bin/sh',
  arguments: ['-c', `trap 'echo "{\\"child-pid\\": $!}" >&5' USR1; sleep 1000 & wait $!; wait $!`],
  filter: undefined,
  fileBytes: 0,
};

async function childOf(pid: number): Promise<number> {
  return vi.waitFor(() => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    expect(children).toMatch(/^\d+$/);
    return Number(children);
  });
}

it.runIf(process.platform === 'linux')(
  'a sandbox that is ended while bwrap still makes it leaves nothing behind',
  async () => {
    const kernel = new KernelProcess(slow);
    const bwrap = kernel.pid!;
    const child = await childOf(bwrap);
    const ended = kernel.end();
    process.kill(bwrap, 'SIGUSR1');
    await ended;
    expect([bwrap, child].filter(isAlive)).toEqual([]);
    expect((await kernel.ended).killed).toBe(true);
    await expect(kernel.booted).rejects.toThrow('Python could not be started in bubblewrap');
  },
);

it.runIf(process.platform === 'linux')(
  'a program that ends while bwrap makes a sandbox leaves nothing behind',
  async () => {
    const program = `
      import { KernelProcess } from ${JSON.stringify(fileURLToPath(new URL('kernel-process.ts', import.meta.url)))};
      const kernel = new KernelProcess(${JSON.stringify(slow)});
      console.log(kernel.pid);
      process.stdin.once('data', () => process.exit());`;
    const parent = spawn(
      process.execPath,
      ['--conditions=@use-assistant/source', '--input-type=module', '-e', program],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const bwrap = Number(line.toString());
    const child = await childOf(bwrap);
    parent.stdin.end('now');
    await once(parent, 'exit');
    await vi.waitFor(() => expect([bwrap, child].filter(isAlive)).toEqual([]));
  },
);
