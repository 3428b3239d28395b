import { expect, it, vi } from 'vitest';
// @ts-expect-error The scripts are plain JavaScript: they run before anything is installed.
import { prepareSandbox } from './sandbox.mjs';

const missing = 'The program bwrap is not installed.';

it.runIf(process.platform === 'linux')(
  'installs bubblewrap and the packages in CI, and asks again',
  async () => {
    let answer = missing;
    const install = vi.fn<(...packages: string[]) => Promise<boolean>>(async () => {
      answer = '';
      return true;
    });
    const refusal = await prepareSandbox({ refusal: async () => answer, install, isCI: true });
    expect(refusal).toBeUndefined();
    expect(install).toHaveBeenCalledWith(
      'bubblewrap',
      'python3',
      'python3-numpy',
      'python3-pandas',
      'python3-matplotlib',
      'python3-sympy',
    );
  },
);

it.runIf(process.platform === 'linux')('installs what is missing of the packages too', async () => {
  const install = vi.fn<() => Promise<boolean>>(async () => true);
  const parts = { refusal: async () => '', install, isCI: true };
  await prepareSandbox({ ...parts, isComplete: async () => true });
  expect(install).not.toHaveBeenCalled();
  await prepareSandbox({ ...parts, isComplete: async () => false });
  expect(install).toHaveBeenCalledOnce();
});

it('says why the driver cannot be tested where it cannot be had', async () => {
  const parts = { refusal: async () => missing, isComplete: async () => false, install: async () => false };
  expect(await prepareSandbox({ ...parts, isCI: true })).toBe(missing);
});

it('changes nothing on a machine that is not for tests alone', async () => {
  const install = vi.fn<() => Promise<boolean>>(async () => true);
  expect(await prepareSandbox({ refusal: async () => missing, install, isCI: false })).toBe(missing);
  expect(install).not.toHaveBeenCalled();
});

it('hears from the driver itself whether it works', async () => {
  const refusal = await prepareSandbox({ isCI: false });
  expect(refusal === undefined || refusal.endsWith('.')).toBe(true);
});
