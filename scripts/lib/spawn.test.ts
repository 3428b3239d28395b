import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('a signal ends the program that runs, and nothing that would have followed it is begun', async () => {
  const script = `
    import { run } from ${JSON.stringify(join(import.meta.dirname, 'fail.mjs'))};
    import { callQuietly } from ${JSON.stringify(join(import.meta.dirname, 'spawn.mjs'))};
    await run(async () => {
      const wait = callQuietly(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log('running');
      await wait;
      console.log('followed');
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => (said += String(chunk)));
  await once(child.stdout, 'data');
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  expect(said).toBe('running\n');
  expect(code).toBe(143);
});
