import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EscapeHost } from '../test-support/escapes.ts';
import { pyodide } from './pyodide.ts';
import { escapeAttempts, floods } from './test-support/escape-attempts.ts';

// A first start on a busy machine makes the snapshot, which takes some seconds of computing.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const host = new EscapeHost();
const interpreter = pyodide({ runTimeout: 20_000 });
const runTimeout = 3_000;
const hasty = pyodide({ runTimeout });

beforeAll(async () => {
  await host.open();
  await (await interpreter.session('escape')).run('None');
});

afterAll(async () => {
  await Promise.all([interpreter.close(), hasty.close()]);
  host.close();
});

describe('code that tries to get out', () => {
  // The targets are known only later; the titles are known now.
  const titles = escapeAttempts(host.targets).map(({ title }) => title);

  it('is tried in at least 60 ways', () => expect(new Set(titles).size).toBeGreaterThanOrEqual(60));

  it.each(titles)('does not reach %s', async (wanted) => {
    const attempt = escapeAttempts(host.targets).find(({ title }) => title === wanted)!;
    expect(await host.harm(attempt, await interpreter.session('escape'))).toEqual([]);
  });

  it.each(floods)('does not outlast its limits with $title', async (attempt) => {
    expect(await host.harm(attempt, await hasty.session('flood'), runTimeout + 4_000)).toEqual([]);
  });
});
