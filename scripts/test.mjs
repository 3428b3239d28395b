// npm test: installs what is missing, then lint, format, types, build, unit, integration and browser tests.
import { join } from 'node:path';
import { findBrowser } from './lib/browser.mjs';
import { count, checkPlaywright, checkProgram, checkTurbo, checkVitest } from './lib/checks.mjs';
import { run } from './lib/fail.mjs';
import { describeFlaky } from './lib/flaky.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bin } from './lib/paths.mjs';
import { step } from './lib/progress.mjs';
import { prepareSandbox } from './lib/sandbox.mjs';

async function checkBrowser() {
  const browser = await findBrowser();
  if (browser) return checkPlaywright(browser);
  console.error(
    '✗ No Chromium could be had, so the browser tests did not run. Install one, or name it in CHROMIUM_PATH.',
  );
  // On a developer's machine that is a gap worth a word; where nobody looks it must not pass for success.
  return process.env.CI ? count(0, 1) : count(0, 0, 1);
}

async function checkTests() {
  const refusal = await prepareSandbox();
  if (refusal) console.error(`✗ The tests of bubblewrap() are skipped: ${refusal}`);
  return checkVitest();
}

const checks = [
  ['Lint', () => checkProgram(join(bin, 'oxlint'), ['--deny-warnings'])],
  ['Format', () => checkProgram(join(bin, 'oxfmt'), ['--check', '.'])],
  ['Build and types', () => checkTurbo('build', 'typecheck')],
  ['Types of the scripts and browser tests', () => checkProgram(join(bin, 'tsc'), ['-p', 'tsconfig.json'])],
  ['Unit and integration tests', checkTests],
  ['Browser tests', checkBrowser],
];

await run(async () => {
  await ensureInstalled();
  const total = count(0, 0);
  for (const [title, check] of checks) {
    const counts = await step(title, check, ({ failed }) => failed > 0);
    for (const key of ['passed', 'failed', 'skipped']) total[key] += counts[key];
    total.flaky.push(...counts.flaky);
  }
  if (total.flaky.length > 0) console.log(describeFlaky(total.flaky));
  const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
  console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
  return total.failed === 0 ? 0 : 1;
});
