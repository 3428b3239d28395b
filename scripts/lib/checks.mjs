import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pnpm } from './install.mjs';
import { bin } from './paths.mjs';
import { call } from './spawn.mjs';

/** What a check answers: counts to add up. */
const count = (passed, failed, skipped = 0) => ({ passed, failed, skipped });

/** A program that either passes or fails: one count. */
export async function checkProgram(command, args, options) {
  return (await call(command, args, options)) === 0 ? count(1, 0) : count(0, 1);
}

/** A task of every workspace package, through turbo. */
export function checkTurbo(...args) {
  return checkProgram('npx', ['--yes', pnpm, 'exec', 'turbo', 'run', '--output-logs=errors-only', ...args]);
}

/** Runs a test runner that writes a JSON report, and reads its counts with `read`. */
async function checkRunner(command, makeArgs, read, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'use-assistant-report-'));
  const report = join(folder, 'report.json');
  try {
    const code = await call(join(bin, command), makeArgs(report), {
      env: { ...env, ...reportVariables(report) },
    });
    const counts = read(JSON.parse(readFileSync(report, 'utf8')));
    // A runner can fail beside its tests: an unhandled rejection, a file that does not load.
    return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
  } catch (error) {
    console.error(`✗ ${command} left no report: ${error.message}`);
    return count(0, 1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const reportVariables = (report) => ({ PLAYWRIGHT_JSON_OUTPUT_NAME: report });

/** The unit and integration tests. */
export function checkVitest(...args) {
  return checkRunner(
    'vitest',
    (report) => ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    (result) =>
      count(
        result.numPassedTests,
        result.numFailedTests,
        result.numPendingTests + (result.numTodoTests ?? 0),
      ),
  );
}

/** The browser tests, in the Chromium that stands at `browser`. */
export function checkPlaywright(browser, ...args) {
  return checkRunner(
    'playwright',
    () => ['test', '--reporter=list,json', ...args],
    ({ stats }) => count(stats.expected + stats.flaky, stats.unexpected, stats.skipped),
    { CHROMIUM_PATH: browser },
  );
}
