import { afterAll, describe, expect, it, vi } from 'vitest';
import { crashProcess, describeConformance } from '../test-support/conformance.ts';
import { pyodide } from './pyodide.ts';
import { livingProcessIds } from './sandbox-process.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describe('pyodide(), by the suite of every driver,', () => {
  // What can be imported beside the standard library is another test's.
  describeConformance({
    create: (limits) => pyodide({ ...limits, packages: false }),
    livingProcessIds,
    crash: crashProcess,
  });
});

describe('pyodide()', () => {
  const bare = pyodide({ packages: false });
  afterAll(() => bare.close());

  it.each(['numpy', 'pandas', 'matplotlib.pyplot'])(
    'says what there is when %s is imported',
    async (name) => {
      const { traceback } = await (await bare.session('1')).run(`import ${name}`);
      expect(traceback).toContain(`ModuleNotFoundError: No module named '`);
      expect(traceback).toMatch(
        / is not available here and cannot be installed\. What is always there.*charts\.line/,
      );
      expect(traceback).not.toContain('micropip');
    },
  );

  it('says what the model must know', () => {
    for (const word of ['Python 3.14', 'standard library', 'no numpy', 'charts.line', '/mnt/data']) {
      expect(bare.description).toContain(word);
    }
    const nothingYet = pyodide({ packages: { cache: '/nowhere' } });
    expect(nothingYet.description).toMatch(/numpy, pandas, .* may be imported .* use charts when that fails/);
  });
});
