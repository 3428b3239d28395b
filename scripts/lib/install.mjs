import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from './fail.mjs';
import { root } from './paths.mjs';
import { step } from './progress.mjs';
import { callQuietly } from './spawn.mjs';

/** The one version of pnpm that the lockfile was written with. An exact version lets npx answer from its cache. */
export const pnpm = 'pnpm@12.21.0';

const stamp = join(root, 'node_modules', '.use-assistant-installed');

/** What decides whether the installed packages are the right ones; the lockfile speaks for every package's manifest. */
function fingerprint() {
  const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml'];
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const file of manifests) hash.update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

/**
 * Installs everything that the lockfile names, Node 26 included, unless that is done already.
 * Needs only Node 20 and npm.
 */
export async function ensureInstalled() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  await step('Installing packages and Node 26', async () => {
    // CI=true keeps pnpm from asking questions when it must replace node_modules.
    const args = ['--yes', pnpm, 'install', '--frozen-lockfile'];
    const { code, output } = await callQuietly('npx', args, { env: { CI: 'true' } });
    if (code !== 0) {
      process.stderr.write(`\n${output}\n`);
      throw new Failure(
        'The packages could not be installed. What pnpm said stands above; is the network there?',
      );
    }
    writeFileSync(stamp, wanted);
  });
}
