import { Failure } from './fail.mjs';
import { pnpm } from './install.mjs';
import { step } from './progress.mjs';
import { callQuietly } from './spawn.mjs';

/** Builds a workspace package and all it needs; what did not change comes from turbo's cache. */
export async function build(...packages) {
  await step(`Building ${packages.join(', ')}`, async () => {
    const filters = packages.map((name) => `--filter=${name}`);
    // turbo calls pnpm by name, so it must run where npx has put pnpm on the PATH.
    const args = ['--yes', pnpm, 'exec', 'turbo', 'run', 'build', '--output-logs=errors-only', ...filters];
    const { code, output } = await callQuietly('npx', args);
    if (code !== 0) {
      process.stderr.write(`\n${output}\n`);
      throw new Failure('The build failed. What it said stands above.');
    }
  });
}
