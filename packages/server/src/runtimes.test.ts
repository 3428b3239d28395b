import { afterAll, beforeAll, describe } from 'vitest';
import { runtimes } from './test-support/runtimes.ts';
import { dailyUse } from './test-support/suites/daily-use.ts';
import { downloads } from './test-support/suites/downloads.ts';
import { engineFailures } from './test-support/suites/engine-failures.ts';
import { errors } from './test-support/suites/errors.ts';
import { fuzz } from './test-support/suites/fuzz.ts';
import { hostileUploads } from './test-support/suites/hostile-uploads.ts';
import { otherSites } from './test-support/suites/other-sites.ts';
import { ownership } from './test-support/suites/ownership.ts';
import { resuming } from './test-support/suites/resume.ts';
import { sseInjection } from './test-support/suites/sse-injection.ts';
import { v4Wire } from './test-support/suites/v4-wire.ts';

/** Each is run in every runtime, with the same cases. */
const suites = {
  'a visitor': dailyUse,
  'what belongs to someone': ownership,
  'an upload': hostileUploads,
  'a download': downloads,
  'other sites': otherSites,
  'a reader that comes back': resuming,
  'what an error says': errors,
  'what a failing server says': engineFailures,
  'text that would be more': sseInjection,
  'the old wire': v4Wire,
  'odd requests': fuzz,
};

describe.each(runtimes)('in $name', (runtime) => {
  beforeAll(() => runtime.open(), 60_000);
  afterAll(() => runtime.close());
  describe.each(Object.entries(suites))('%s', (_, suite) => {
    suite(runtime);
  });
});
