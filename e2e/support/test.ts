import { test as base } from '@playwright/test';
import {
  type ModelServer,
  type ModelServerOptions,
  startModelServer,
} from '../../packages/test-kit/src/model-server.ts';
import { type Demo, type DemoOptions, startDemo } from './demo.ts';

interface TestFixtures {
  /** Starts a demo of this test's own; it ends with the test, however that ends. */
  ownDemo: (options: DemoOptions) => Promise<Demo>;
  /** Starts a stand-in model server; it ends with the test too. */
  modelServer: (options: ModelServerOptions) => Promise<ModelServer>;
}

interface WorkerFixtures {
  /** The demo that the tests of a worker share, as the tabs of one person do. */
  demo: Demo;
}

/** A fixture that starts things for a test, and ends them with it. */
function startedByTest<Options, Thing>(
  start: (options: Options) => Promise<Thing>,
  end: (thing: Thing) => Promise<void>,
) {
  // Playwright wants the first parameter to be a pattern.
  // oxlint-disable-next-line no-empty-pattern
  return async ({}, use: (start: (options: Options) => Promise<Thing>) => Promise<void>): Promise<void> => {
    const started: Thing[] = [];
    await use(async (options) => {
      const thing = await start(options);
      started.push(thing);
      return thing;
    });
    for (const thing of started) await end(thing);
  };
}

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demo: [
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const demo = await startDemo();
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  ownDemo: startedByTest(startDemo, (demo) => demo.stop()),
  modelServer: startedByTest(startModelServer, (server) => server.close()),
});

export { expect } from '@playwright/test';
