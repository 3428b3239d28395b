import { test as base } from '@playwright/test';
import { type Demo, type DemoOptions, startDemo } from './demo.ts';

/** A browser test with a running demo, shared by the tests of one worker and one set of options. */
export const test = base.extend<object, { demo: Demo; demoOptions: DemoOptions }>({
  demoOptions: [{}, { scope: 'worker', option: true }],
  demo: [
    async ({ demoOptions }, use) => {
      const demo = await startDemo(demoOptions);
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
});

export { expect } from '@playwright/test';
