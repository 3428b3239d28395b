import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { flakyInPlaywright, flakyInVitest } from './flaky.mjs';
import { pnpm } from './install.mjs';
import { bin } from './paths.mjs';
import { call } from './spawn.mjs';

/** What a check answers: counts to add up, and the tests that passed at the second try only. */
export const count = (passed, failed, skipped = 0, flaky = []) => ({ passed, failed, skipped, flaky });

/** A program that either passes or fails: one count. */
export async function checkProgram(command, args, options) {
  return (await call(command, args, options)) === 0 ? count(1, 0) : count(0, 1);
}

/** A task of every workspace package, through turbo. */
export function checkTurbo(...args) {
  return checkProgram('npx', ['--yes', pnpm, 'exec', 'turbo', 'run', '--output-logs=errors-only', ...args]);
}

/**
 * How often a failed test is tried again. Here and not in the runners' configurations: who runs a test by hand
 * shall see it fail.
 */
const retries = 1;

/** Runs a test runner that writes a JSON report, and reads its counts with `read`. */
async function checkRunner(command, makeArgs, read, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'use-assistant-report-'));
  const report = join(folder, 'report.json');
  try {
    const code = await call(join(bin, command), makeArgs(report), {
      env: { ...env, ...reportVariables(report) },
    });
    try {
      const counts = read(JSON.parse(readFileSync(report, 'utf8')));
      // A runner can fail beside its tests: an unhandled rejection, a file that does not load.
      return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
    } catch (error) {
      console.error(`✗ ${command} left no report: ${error.message}`);
      return count(0, 1);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reportVariables = (report) => ({ PLAYWRIGHT_JSON_OUTPUT_NAME: report });

/** The unit and integration tests. */
export function checkVitest(...args) {
  return checkRunner(
    'vitest',
    (report) => [
      'run',
      `--retry=${retries}`,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      ...args,
    ],
    (result) =>
      count(
        result.numPassedTests,
        result.numFailedTests,
        result.numPendingTests + (result.numTodoTests ?? 0),
        flakyInVitest(result),
      ),
  );
}

/** The browser tests, in the Chromium that stands at `browser`. */
export function checkPlaywright(browser, ...args) {
  return checkRunner(
    'playwright',
    () => ['test', `--retries=${retries}`, '--reporter=list,json', ...args],
    (result) => {
      const { expected, flaky, unexpected, skipped } = result.stats;
      return count(expected + flaky, unexpected, skipped, flakyInPlaywright(result));
    },
    { CHROMIUM_PATH: browser },
  );
}
