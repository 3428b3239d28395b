import { existsSync } from 'node:fs';
import { callQuietly } from './spawn.mjs';

/** Whether programs may be installed here by the way of Debian and Ubuntu. */
export const canInstallFromDebian = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** Installs packages of the distribution, for root on Debian; answers whether they are there. */
export async function installFromDebian(...packages) {
  if (!canInstallFromDebian()) return false;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await callQuietly('apt-get', ['update'], { env });
  const args = ['install', '-y', '--no-install-recommends', ...packages];
  const { code } = await callQuietly('apt-get', args, { env });
  return code === 0;
}
