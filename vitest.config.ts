import { defineConfig } from 'vitest/config';

const shared = {
  resolve: { conditions: ['@use-assistant/source'] },
  ssr: { resolve: { conditions: ['@use-assistant/source'] } },
};

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
          testTimeout: 20_000,
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
          testTimeout: 20_000,
        },
      },
    ],
  },
});
