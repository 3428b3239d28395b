// npm run bench: the benchmarks, peers side by side. The figures depend on the machine; the ratios much less.
import { join } from 'node:path';
import { run } from './lib/fail.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bin, root } from './lib/paths.mjs';
import { call } from './lib/spawn.mjs';

await run(async () => {
  await ensureInstalled();
  const main = join(root, 'packages', 'bench', 'src', 'main.ts');
  return call(join(bin, 'node'), [
    '--conditions=@use-assistant/source',
    '--expose-gc',
    main,
    ...process.argv.slice(2),
  ]);
});
