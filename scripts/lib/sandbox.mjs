import { join } from 'node:path';
import { installFromDebian } from './debian.mjs';
import { bin, root } from './paths.mjs';
import { step } from './progress.mjs';
import { callQuietly } from './spawn.mjs';

/** What the bubblewrap driver runs on, by the names of Debian and Ubuntu. */
const packages = [
  'bubblewrap',
  'python3',
  'python3-numpy',
  'python3-pandas',
  'python3-matplotlib',
  'python3-sympy',
];

/** Asks the driver itself, which tries a sandbox out. Empty when it works. */
async function askDriver() {
  const program =
    "import { bubblewrapRefusal } from '@use-assistant/interpreter'; console.log(bubblewrapRefusal() ?? '')";
  const args = ['--conditions=@use-assistant/source', '--input-type=module', '-e', program];
  const { output } = await callQuietly(join(bin, 'node'), args, { cwd: join(root, 'packages', 'engine') });
  return output.trim();
}

async function hasPackages() {
  const program = 'import numpy, pandas, matplotlib, sympy';
  try {
    return (await callQuietly('/usr/bin/python3', ['-I', '-c', program])).code === 0;
  } catch {
    return false;
  }
}

/**
 * Gets the machine ready for tests of the bubblewrap driver and answers why it cannot be tested here, or undefined.
 * Installs programs only in CI: a developer's machine is not ours to change.
 */
export async function prepareSandbox({
  refusal = askDriver,
  isComplete = hasPackages,
  install = installFromDebian,
  isCI = Boolean(process.env.CI),
} = {}) {
  if (isCI && process.platform === 'linux' && ((await refusal()) !== '' || !(await isComplete()))) {
    await step("Installing bubblewrap and Debian's scientific packages", () => install(...packages));
  }
  return (await refusal()) || undefined;
}
