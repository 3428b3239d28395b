import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Starts steps of a script, and ends them when they have said a first word: what they said, and the exit code. */
async function endInTheMiddle(steps: string) {
  const script = `
    import { checkVitest } from ${JSON.stringify(join(import.meta.dirname, 'checks.mjs'))};
    import { run } from ${JSON.stringify(join(import.meta.dirname, 'fail.mjs'))};
    import { callQuietly } from ${JSON.stringify(join(import.meta.dirname, 'spawn.mjs'))};
    await run(async () => {
      ${steps}
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
  const [code] = (await once(child, 'close')) as [number];
  return { said, code };
}

it('a signal ends the program that runs, and nothing that would have followed it is begun', async () => {
  const { said, code } = await endInTheMiddle(`
    const wait = callQuietly(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    console.log('running');
    await wait;
  `);
  expect(said).toBe('running\n');
  expect(code).toBe(143);
});

it('a signal in the middle of the tests is no failure of theirs: nothing follows', async () => {
  const cases = JSON.stringify(join(import.meta.dirname, 'test-support'));
  const { said, code } = await endInTheMiddle(`await checkVitest('endless', '--root', ${cases});`);
  expect(said).not.toContain('followed');
  expect(code).toBe(143);
});
