import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { routes } from './create-assistant-handler.ts';
import { createRateLimit } from './rate-limit.ts';

let chat: Chat | undefined;
afterEach(() => chat?.close());
function start(options: Partial<ChatOptions>): Chat {
  return (chat = startChat({ turns: [() => 'Fine.'], ...options }));
}

describe('a bucket', () => {
  const request = new Request('http://chat.test/');

  it('never gives out more than it holds and what has flown in since, nor less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1, maxLength: 200 }),
        (requests, seconds, pauses) => {
          let time = 1_000_000;
          const limit = createRateLimit({ run: { requests, seconds } }, { now: () => time });
          const admitted: number[] = [];
          for (const pause of pauses) {
            time += pause;
            const { allowed, retryAfter } = limit('a', 'run', request) as {
              allowed: boolean;
              retryAfter?: number;
            };
            if (allowed) {
              admitted.push(time);
              continue;
            }
            // Whoever waits as long as was said is let in.
            const later = createRateLimit({ run: { requests, seconds } }, { now: () => time });
            for (const moment of admitted) {
              const now = time;
              time = moment;
              later('a', 'run', request);
              time = now;
            }
            time += retryAfter! * 1000;
            expect(later('a', 'run', request)).toEqual({ allowed: true });
            time -= retryAfter! * 1000;
          }
          for (const [first, from] of admitted.entries()) {
            for (const [count, to] of admitted.slice(first).entries()) {
              const mayBe = requests + ((to - from) / (seconds * 1000)) * requests;
              expect(count + 1).toBeLessThanOrEqual(mayBe + 1e-6);
            }
          }
        },
      ),
      { numRuns: 500, seed: Date.now() % 2 ** 31, verbose: 1 },
    );
  });

  it('is each caller’s own, for each action, and there are only so many', () => {
    const limit = createRateLimit(
      { run: { requests: 1, seconds: 60 }, upload: { requests: 1, seconds: 60 } },
      { now: () => 0, maxCallers: 3 },
    );
    const ask = (principal: string, action: 'run' | 'upload' | 'read') => limit(principal, action, request);
    expect([ask('a', 'run'), ask('b', 'run'), ask('a', 'upload')]).toMatchObject(
      ['a', 'b', 'c'].map(() => ({ allowed: true })),
    );
    expect(ask('a', 'run')).toEqual({ allowed: false, retryAfter: 60 });
    expect(ask('a', 'read')).toEqual({ allowed: true });
    expect(ask('c', 'run')).toEqual({ allowed: true });
    // The first is forgotten for it: memory has an end.
    expect(ask('a', 'run')).toEqual({ allowed: true });
  });
});

describe('the handler', () => {
  it('asks for each route, with the caller and what it does, and answers 429 with the time to wait', async () => {
    const asked: string[] = [];
    start({
      rateLimit: (principal, action) => {
        asked.push(`${principal} ${action}`);
        return { allowed: false, retryAfter: 6.2 };
      },
    });
    for (const { method, path } of routes) {
      const response = await chat!.send(method, `/${path}`);
      expect([path, response.status, response.headers.get('retry-after')]).toEqual([path, 429, '7']);
      expect(await response.json()).toEqual({
        error: { code: 'rate_limited', message: 'Too many requests. Try again in a moment.' },
      });
    }
    expect(asked).toEqual(routes.map(({ action }) => `alice ${action}`));
    expect(new Set(asked).size).toBe(4);
    expect((await chat!.send('POST', '', { user: '' })).status).toBe(401);
    expect(asked).toHaveLength(routes.length);
  });

  it('lets one caller in while another has had enough', async () => {
    start({ rateLimit: createRateLimit({ run: { requests: 2, seconds: 3600 } }) });
    const status = async (user: string) => {
      const message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
      const response = await chat!.send('POST', '', { body: { threadId: null, message }, user });
      await response.text();
      return response.status;
    };
    expect([await status('a'), await status('a'), await status('a'), await status('b')]).toEqual([
      200, 200, 429, 200,
    ]);
  });

  it('gives one caller only so many runs at once, also of those that it has left, and frees their places', async () => {
    const gate = Promise.withResolvers<void>();
    const waiting = () => ({ parts: [{ text: 'x' }, { wait: gate.promise }] });
    start({ turns: [waiting], maxConcurrentRuns: 3 });
    const attempts = await Promise.all(Array.from({ length: 10 }, (_, index) => chat!.say(`${index}`)));
    const begun = attempts.filter(({ status }) => status === 200);
    expect(begun).toHaveLength(3);
    const refused = attempts.find(({ status }) => status === 429)!;
    expect(refused.headers.get('retry-after')).toBe('5');
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
    const message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
    const other = await chat!.send('POST', '', { body: { threadId: null, message }, user: 'bob' });
    expect(other.status).toBe(200);
    // They leave; their runs go on, and still count.
    const ids = await Promise.all(
      begun.map(async (response) => {
        const reader = response.body!.getReader();
        let seen = '';
        while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
        await reader.cancel();
        return /thread_\w+/.exec(seen)![0];
      }),
    );
    expect((await chat!.say('more')).status).toBe(429);
    await chat!.send('POST', `/threads/${ids[0]}/cancel`);
    const next = await chat!.say('more');
    expect(next.status).toBe(200);
    expect((await chat!.say('even more')).status).toBe(429);
    gate.resolve();
    await Promise.all([readStream(next), readStream(other)]);
    expect((await readStream(await chat!.say('again'))).text).toBe('x');
  });

  it('keeps no place for a message that was refused', async () => {
    start({ maxConcurrentRuns: 1 });
    for (let index = 0; index < 3; index += 1) {
      const parts = [{ type: 'file', url: 'data:text/plain;base64,%%%' }];
      const body = { threadId: null, message: { role: 'user', parts } };
      expect((await chat!.send('POST', '', { body })).status).toBe(400);
    }
    expect((await readStream(await chat!.say('Hi'))).text).toBe('Fine.');
  });
});
