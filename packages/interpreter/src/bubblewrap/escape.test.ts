import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EscapeHost } from '../test-support/escapes.ts';
import { bubblewrap, bubblewrapRefusal } from './bubblewrap.ts';
import { escapeAttempts, floods, hoards } from './test-support/escape-attempts.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const host = new EscapeHost();
const mebibyte = 2 ** 20;
const runTimeout = 2_000;
const interpreter = bubblewrap();
const tightLimits = {
  memoryLimit: 128 * mebibyte,
  fileSizeLimit: 2 * mebibyte,
  totalSizeLimit: 8 * mebibyte,
  processLimit: 32,
  maxProcesses: 2,
};
const tight = bubblewrap({ ...tightLimits, runTimeout });
/** For what ends sooner by other limits, however slow the machine is. */
const patient = bubblewrap(tightLimits);

describe.skipIf(bubblewrapRefusal() !== undefined)('code in bubblewrap that tries to get out', () => {
  beforeAll(async () => {
    await host.open();
    await (await interpreter.session('escape')).run('None');
  });
  afterAll(async () => {
    await Promise.all([interpreter.close(), tight.close(), patient.close()]);
    host.close();
  });

  // The targets are known only later; the titles are known now.
  const titles = escapeAttempts(host.targets).map(({ title }) => title);

  it('is tried in at least 60 ways', () => expect(new Set(titles).size).toBeGreaterThanOrEqual(60));

  it.each(titles)('does not reach %s', async (wanted) => {
    const attempt = escapeAttempts(host.targets).find(({ title }) => title === wanted)!;
    expect(await host.harm(attempt, await interpreter.session('escape'))).toEqual([]);
  });

  it.concurrent.each(floods)('does not outlast its limits with $title', async (attempt) => {
    expect(await host.harm(attempt, await tight.session(attempt.title), runTimeout + 4_000)).toEqual([]);
  });

  it.concurrent.each(hoards)('does not take more than it may with $title', async (attempt) => {
    expect(await host.harm(attempt, await patient.session(attempt.title))).toEqual([]);
  });
});
