import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { conditions: ['@use-assistant/source'] },
  ssr: { resolve: { conditions: ['@use-assistant/source'] } },
};

// A limit ends what hangs. It is no measure of speed: on a busy machine the same test takes many times as long.
const patience = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 15_000 } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'node',
          environment: 'node',
          include: [
            'packages/**/*.test.ts',
            'app/lib/**/*.test.ts',
            'examples/**/*.test.ts',
            'scripts/**/*.test.ts',
            'e2e/**/*.unit.test.ts',
          ],
          exclude: ['**/node_modules/**', '**/dist/**'],
          restoreMocks: true,
          ...patience,
          setupFiles: ['scripts/lib/test-support/patience.ts'],
        },
      },
      {
        ...shared,
        test: {
          name: 'jsdom',
          environment: 'jsdom',
          include: ['packages/**/*.test.tsx'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          restoreMocks: true,
          ...patience,
          setupFiles: ['packages/react/src/test-support/patience.ts'],
        },
      },
    ],
  },
});
