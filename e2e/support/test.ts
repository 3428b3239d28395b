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

export const test = base.extend<TestFixtures, WorkerFixtures>({
  demo: [
    // Playwright wants the first parameter to be a pattern.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const demo = await startDemo();
      await use(demo);
      await demo.stop();
    },
    { scope: 'worker' },
  ],
  // oxlint-disable-next-line no-empty-pattern
  async ownDemo({}, use) {
    const demos: Demo[] = [];
    await use(async (options) => {
      const demo = await startDemo(options);
      demos.push(demo);
      return demo;
    });
    for (const demo of demos) await demo.stop();
  },
  // oxlint-disable-next-line no-empty-pattern
  async modelServer({}, use) {
    const servers: ModelServer[] = [];
    await use(async (options) => {
      const server = await startModelServer(options);
      servers.push(server);
      return server;
    });
    for (const server of servers) await server.close();
  },
});

export { expect } from '@playwright/test';
