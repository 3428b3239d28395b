// npm run engine: the engine alone, under /v1. What it prints and takes is the command's own: see --help.
import { join } from 'node:path';
import { run } from './lib/fail.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bin, root } from './lib/paths.mjs';
import { start } from './lib/spawn.mjs';

await run(async () => {
  await ensureInstalled();
  // The sources run as they are: Node 26 strips the types, so there is nothing to build.
  const command = join(root, 'packages', 'engine', 'src', 'command.ts');
  const args = ['--conditions=@use-assistant/source', command, ...process.argv.slice(2)];
  return start(join(bin, 'node'), args, { cwd: process.cwd() }).exit;
});
