import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AutoOptions } from './auto.ts';
import { auto } from './auto.ts';
import { bubblewrapRefusal } from './bubblewrap/bubblewrap.ts';
import type { RemoteSandbox } from './remote/remote-sandbox.ts';

const connect = (): Promise<RemoteSandbox> => Promise.reject(new Error('not wanted'));
let lines: string[];
const choose = (options: AutoOptions = {}) => auto({ ...options, log: (line) => lines.push(line) });

beforeEach(() => {
  lines = [];
  vi.stubEnv('E2B_API_KEY', undefined);
});
afterEach(() => vi.unstubAllEnvs());

it('takes the hosted sandbox that is configured', () => {
  expect(choose({ remote: { connect, name: 'mine' } }).name).toBe('mine');
  expect(lines).toEqual(['Code interpreter: mine (a sandbox of a hosting service).']);
});

it('takes E2B when its key is in the environment, unless hosted sandboxes are left out', () => {
  vi.stubEnv('E2B_API_KEY', 'e2b_0123');
  expect(choose().name).toBe('e2b');
  expect(choose({ remote: false }).name).not.toBe('e2b');
});

it('takes bubblewrap where it works, and says why not where it does not', () => {
  const { name } = choose();
  const reason = bubblewrapRefusal();
  expect(name).toBe(reason === undefined ? 'bubblewrap' : 'pyodide');
  expect(lines).toEqual([
    expect.stringContaining(reason === undefined ? 'bubblewrap' : `Not bubblewrap: ${reason}`),
  ]);
});

it('takes pyodide when bubblewrap cannot be used, in one line with the reason', () => {
  expect(choose({ bubblewrap: { python: '/no/such/python' } }).name).toBe('pyodide');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/^Code interpreter: pyodide \(WebAssembly .*\)\. Not bubblewrap: .+$/);
});

it('takes none when nothing is left, and the model is told so', async () => {
  const interpreter = choose({ bubblewrap: false, pyodide: false });
  expect(lines).toEqual(['Code interpreter: none.']);
  await expect(interpreter.session('1')).rejects.toThrow('No code interpreter is configured');
});

it('gives its limits to the driver that it takes', () => {
  const limits = { runTimeout: 0 };
  expect(() => choose({ limits, bubblewrap: false })).toThrow('pyodide(): runTimeout must be at least 1');
  expect(() => choose({ limits, remote: { connect } })).toThrow('remote(): runTimeout must be at least 1');
});
