import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
// @ts-expect-error The scripts are plain JavaScript: they run before anything is installed.
import { describeFlaky, flakyInPlaywright, flakyInVitest } from './flaky.mjs';
// @ts-expect-error As above.
import { bin } from './paths.mjs';

const cases = join(import.meta.dirname, 'test-support');
let folder: string;
let report: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'use-assistant-flaky-'));
  report = join(folder, 'report.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a test runner on its cases; one of them always fails, so the exit code says nothing. */
async function reportOf(command: string, args: string[]) {
  const env = { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  await new Promise((done) => execFile(join(bin, command), args, { env, cwd: cases }, done));
  return JSON.parse(await readFile(report, 'utf8'));
}

it('finds the test that Vitest had to try twice, and what it said at first', async () => {
  const args = [
    'run',
    'flaky-vitest',
    '--root',
    cases,
    '--retry=1',
    '--reporter=json',
    '--outputFile',
    report,
  ];
  const flaky = flakyInVitest(await reportOf('vitest', args));
  expect(flaky).toHaveLength(1);
  expect(describeFlaky(flaky)).toMatch(
    /^flaky: scripts\/lib\/test-support\/flaky-vitest\.spec\.ts > a group > passes when it is tried again\n {4}AssertionError: expected 1 to be 2/,
  );
});

it('finds the test that Playwright had to try twice, and what it said at first', async () => {
  const args = [
    'test',
    'flaky-playwright',
    '-c',
    cases,
    '--output',
    folder,
    '--retries=1',
    '--reporter=json',
  ];
  const flaky = flakyInPlaywright(await reportOf('playwright', args));
  expect(flaky).toHaveLength(1);
  expect(describeFlaky(flaky)).toMatch(
    /^flaky: scripts\/lib\/test-support\/flaky-playwright\.spec\.ts > a group > passes when it is tried again\n {4}Error: expect\(received\)/,
  );
});

it('names each flaky test on a line of its own, and no more of its error than its beginning', () => {
  const error = 'Error: late\n    at one\n    at two\n    at three\n    at four';
  expect(
    describeFlaky([
      { name: 'a.test.ts > first', error },
      { name: 'b.test.ts > second', error: 'Error: lost' },
    ])
      .split('\n')
      .filter((line: string) => !line.startsWith(' ')),
  ).toEqual(['flaky: a.test.ts > first', 'flaky: b.test.ts > second']);
  expect(describeFlaky([{ name: 'a', error }])).not.toContain('four');
});
