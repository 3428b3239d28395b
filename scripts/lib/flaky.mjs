import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { root } from './paths.mjs';

/** A test that failed and then passed, and what it said when it failed. */
const flaky = (file, titles, error) => ({
  name: [file, ...titles].filter(Boolean).join(' > '),
  error: stripVTControlCharacters(error ?? '').trim(),
});

/** The flaky tests of a JSON report of Vitest: it keeps the errors of the tries before the one that passed. */
export function flakyInVitest({ testResults }) {
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
      .map(({ ancestorTitles, title, failureMessages }) =>
        flaky(relative(root, name), [...ancestorTitles, title], failureMessages[0]),
      ),
  );
}

/** The flaky tests of a JSON report of Playwright, which calls them that itself. */
export function flakyInPlaywright({ config, suites }) {
  const inSuite = (suite, titles) => [
    ...suite.specs.flatMap(({ file, title, tests }) =>
      tests
        .filter(({ status }) => status === 'flaky')
        .map(({ results }) =>
          flaky(
            relative(root, `${config.rootDir}/${file}`),
            [...titles, title],
            results[0].error?.stack ?? results[0].error?.message,
          ),
        ),
    ),
    ...(suite.suites ?? []).flatMap((inner) => inSuite(inner, [...titles, inner.title])),
  ];
  // The outermost suites are the files.
  return suites.flatMap((suite) => inSuite(suite, []));
}

/** What to tell of flaky tests, one after the other. */
export const describeFlaky = (tests) =>
  tests
    .map(({ name, error }) => [`flaky: ${name}`, ...error.split('\n').slice(0, 4)].join('\n    '))
    .join('\n');
