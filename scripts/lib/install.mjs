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

/** The names of what is installed already of the lockfile that `wanted` stands for. */
function installed(wanted) {
  const [found, ...names] = existsSync(stamp) ? readFileSync(stamp, 'utf8').split('\n') : [];
  return found === wanted ? names : [];
}

/** In the stamp, instead of names: the whole workspace. */
const everything = '*';

/**
 * Installs what the named packages of the workspace need, or the whole of it when none is named, and in any case Node 26
 * and the tools of the root, unless that is done already. Needs only Node 20 and npm.
 */
export async function ensureInstalled(...packages) {
  const wanted = fingerprint();
  const before = installed(wanted);
  const asked = packages.length > 0 ? packages : [everything];
  if (before.includes(everything) || asked.every((name) => before.includes(name))) return;
  // What is there already is named again, lest it be taken out.
  const names = [...new Set([...before, ...asked])];
  const filters = names.includes(everything) ? [] : ['.', ...names.map((name) => `${name}...`)];
  await step('Installing packages and Node 26', async () => {
    // CI=true keeps pnpm from asking questions when it must replace node_modules.
    const args = [
      '--yes',
      pnpm,
      'install',
      '--frozen-lockfile',
      ...filters.map((each) => `--filter=${each}`),
    ];
    const { code, output } = await callQuietly('npx', args, { env: { CI: 'true' } });
    if (code !== 0) {
      process.stderr.write(`\n${output}\n`);
      throw new Failure(
        'The packages could not be installed. What pnpm said stands above; is the network there?',
      );
    }
    writeFileSync(stamp, [wanted, ...names].join('\n'));
  });
}
