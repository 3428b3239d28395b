// npm run example <name>: installs what is missing, builds what the example needs, starts it.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { build } from './lib/build.mjs';
import { Failure, run } from './lib/fail.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bin, root } from './lib/paths.mjs';
import { start } from './lib/spawn.mjs';

const folder = join(root, 'examples');

const manifestOf = (name) => {
  const path = join(folder, name, 'package.json');
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
};

await run(async () => {
  const [name, ...args] = process.argv.slice(2);
  const manifest = name && !/[\\/]/.test(name) ? manifestOf(name) : undefined;
  if (!manifest?.scripts?.start) {
    const names = readdirSync(folder).filter((each) => manifestOf(each)?.scripts?.start);
    throw new Failure(`npm run example <name>, where <name> is one of: ${names.join(', ')}`);
  }
  await ensureInstalled();
  if (manifest.scripts.build) await build(manifest.name);
  const cwd = join(folder, name);
  const [command, ...rest] = manifest.scripts.start.split(' ');
  // The person's terminal is the example's: its own programs first, then the bundled Node.
  const PATH = [join(cwd, 'node_modules', '.bin'), bin, process.env.PATH].join(delimiter);
  return start(command, [...rest, ...args], { cwd, env: { PATH } }).exit;
});
