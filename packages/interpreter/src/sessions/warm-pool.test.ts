import { expect, it, vi } from 'vitest';
import type { ProcessStarter, PythonProcess } from './python-process.ts';
import { SessionDriver } from './session-driver.ts';
import { toSessionSettings } from './limits.ts';

function driverOf(warmProcesses: number) {
  const starts: PromiseWithResolvers<PythonProcess>[] = [];
  const starter: ProcessStarter = {
    start: () => {
      starts.push(Promise.withResolvers<PythonProcess>());
      return starts.at(-1)!.promise;
    },
    close: async () => starts.forEach(({ reject }) => reject(new Error('The interpreter is closed.'))),
  };
  const settings = toSessionSettings('fake', { warmProcesses }, { default: 1, least: 1 });
  const parts = { name: 'fake', description: '', settings, starter, requireMachine: () => {} };
  return { driver: new SessionDriver(parts), starts };
}

it.each([0, 1])(
  'keeps what starts for a run that was cancelled for the next one, with %i kept ready',
  async (ready) => {
    const { driver, starts } = driverOf(ready);
    const session = await driver.session('1');
    for (let count = 0; count < 20; count += 1) {
      const controller = new AbortController();
      const run = session.run('1', { signal: controller.signal });
      await vi.waitFor(() => expect(starts.length).toBeGreaterThan(0));
      controller.abort();
      expect((await run).outcome).toBe('cancelled');
    }
    expect(starts.length).toBe(1);
    await driver.close();
  },
);

it('ends what nobody waits for any more when it is more than is kept ready', async () => {
  const { driver, starts } = driverOf(0);
  const controller = new AbortController();
  const run = (await driver.session('1')).run('1', { signal: controller.signal });
  await vi.waitFor(() => expect(starts.length).toBe(1));
  controller.abort();
  await run;
  const end = vi.fn<() => Promise<void>>(async () => {});
  starts[0]!.resolve({ isAlive: true, end } as Partial<PythonProcess> as PythonProcess);
  await vi.waitFor(() => expect(end).toHaveBeenCalledOnce());
  await driver.close();
});
