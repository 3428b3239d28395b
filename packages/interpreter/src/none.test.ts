import { expect, it } from 'vitest';
import * as exported from './index.ts';
import { none } from './none.ts';

it('none() says that there is no interpreter', async () => {
  const interpreter = none();
  expect(interpreter.name).toBe('none');
  await expect(interpreter.session('a')).rejects.toThrow('No code interpreter is configured');
  await interpreter.close();
});

it('exports exactly what it promises', () => {
  const drivers = ['auto', 'bubblewrap', 'e2b', 'none', 'pyodide', 'remote'];
  const helpers = [
    'bubblewrapRefusal',
    'commonPackages',
    'prefetchPackages',
    'pyodideRefusal',
    'SandboxGone',
  ];
  expect(new Set(Object.keys(exported))).toEqual(new Set([...drivers, ...helpers]));
});
