import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { isAlive } from './conformance.ts';

/** What becomes of a driver's processes when the one that started them ends, in peace or by force. */
export function describeParent(driver: 'pyodide' | 'bubblewrap'): void {
  describe('the parent', () => {
    const program = join(import.meta.dirname, 'outlive.ts');
    const start = (how: string) => {
      const child = spawn(process.execPath, ['--conditions=@use-assistant/source', program, driver, how], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const said = Promise.withResolvers<number[]>();
      const exited = Promise.withResolvers<number | null>();
      child.stdout.once('data', (data: Buffer) => said.resolve(JSON.parse(data.toString()) as number[]));
      child.once('exit', (code) => exited.resolve(code));
      return { child, said: said.promise, exited: exited.promise };
    };

    it('is not kept alive by processes without work, and takes them along', async () => {
      const { said, exited } = start('idle');
      const processes = await said;
      expect(processes.length).toBeGreaterThan(0);
      expect(await exited).toBe(0);
      await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]));
    });

    it('that is killed takes even a busy Python along', async () => {
      const { child, said } = start('busy');
      const processes = await said;
      expect(processes.length).toBeGreaterThan(0);
      child.kill('SIGKILL');
      await vi.waitFor(() => expect(processes.filter(isAlive)).toEqual([]));
    });
  });
}
