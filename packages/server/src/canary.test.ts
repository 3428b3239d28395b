import OpenAI from 'openai';
import { afterEach, expect, it } from 'vitest';
import { AssistantResponse } from './assistant-response.ts';
import { startChat } from './test-support/chat.ts';
import type { Chat, ChatOptions } from './test-support/chat.ts';
import { tools } from './test-support/hooks.ts';
import { canary, sing } from './test-support/scripts.ts';
import { conversation, useEverything } from './test-support/suites/errors.ts';

// What needs a client of the test's own. All other places of errors are in `suites/errors.ts`, in every runtime.

/** A client that notes which methods are called; the one named `broken` fails with the canary. */
function watch(client: object, called: Set<string>, broken: string | undefined, path = ''): OpenAI {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      const name = `${path}${String(key)}`;
      if (typeof value === 'object' && value !== null && typeof key === 'string' && !key.startsWith('_')) {
        return watch(value, called, broken, `${name}.`);
      }
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        called.add(name);
        if (name !== broken) return Reflect.apply(value, target, given);
        const failed = Promise.reject(new Error(canary));
        failed.catch(() => {});
        return Object.assign(failed, { [Symbol.asyncIterator]: sing });
      };
    },
  }) as OpenAI;
}

let chat: Chat | undefined;
afterEach(() => chat?.close());

function start(called: Set<string>, broken?: string, options: Partial<ChatOptions> = {}): Chat {
  const started: Chat = startChat({
    ...conversation,
    ...tools,
    // Calls that nobody could answer are waited for so long.
    toolTimeout: 200,
    openai: () => watch(started.openai, called, broken),
    ...options,
  });
  chat = started;
  return started;
}

const wireOf = ({ send }: Chat): Promise<string> =>
  useEverything({
    send: (method, path, { json, form } = {}) =>
      send(method as 'POST', path, { ...(json !== undefined && { body: json }), ...(form && { form }) }),
  });

it('nothing of an error is on the wire when any call of the client fails', async () => {
  const methods = new Set<string>();
  expect(await wireOf(start(methods))).toContain('0:"Again."');
  await chat!.close();
  expect(methods.size).toBeGreaterThan(15);
  for (const broken of methods) {
    const wire = await wireOf(start(new Set(), broken));
    expect({ broken, isTold: wire.includes(canary) }).toEqual({ broken, isTold: false });
    await chat!.close();
  }
}, 60_000);

it('an error is on the wire when onError says it', async () => {
  const onError = (error: unknown): string => String(error);
  expect(await wireOf(start(new Set(), 'beta.threads.messages.create', { onError }))).toContain(canary);
});

it('is told to onError when waitUntil throws it', async () => {
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  chat = startChat({ turns: ['Fine.'], waitUntil: sing, onError });
  expect(await (await chat.say('Hi')).text()).toContain('"finishReason":"stop"');
  expect(errors).toHaveLength(1);
});

it.each(['v1', 'v4'] as const)(
  'nothing of an error is on the %s wire when a run in one call cannot begin',
  async (protocol) => {
    const openai = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: async () => sing() });
    const response = AssistantResponse({ openai, assistantId: 'a', message: 'Hi', protocol });
    expect(await response.text()).not.toContain(canary);
  },
);
