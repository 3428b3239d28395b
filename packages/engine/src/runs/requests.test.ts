import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { request, World } from '../test-support/engine-world.ts';

afterEach(() => void vi.useRealTimers());

test('whatever is asked in whatever order, the engine answers as the state machine says', async () => {
  const seed = Date.now() & 0x7fff_ffff;
  process.stdout.write(`requests: seed ${seed}\n`);
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  const sequences = fc.array(request, { minLength: 3, maxLength: 16 });
  const property = fc.asyncProperty(sequences, async (requests) => {
    const world = await World.create();
    try {
      for (const asked of requests) await world.ask(asked);
      await world.check();
    } finally {
      await world.close();
    }
  });
  await expect(fc.assert(property, { seed, numRuns: 300 })).resolves.toBeUndefined();
}, 180_000);
