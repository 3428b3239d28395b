import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { routes } from './create-assistant-handler.ts';

let chat: Chat;
let threadId = '';
let runId = '';
beforeAll(async () => {
  chat = startChat({ turns: [() => 'Fine.'] });
  const { message } = await readStream(await chat.say('Hi'));
  threadId = message.metadata!.threadId!;
  runId = message.id;
});
afterAll(() => chat.close());

/** A value that may stand where the protocol wants another. */
const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom('x'.repeat(300_000), '../../files/x', 'thread_', '\u0000', -1, 1e308, '__proto__'),
);
/** A value that fits, or one that does not. */
const maybe = (value: unknown) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: odd });

const part = () =>
  fc.oneof(
    fc.record({ type: maybe('text'), text: maybe('Hi') }, { requiredKeys: [] }),
    fc.record(
      { type: maybe('file'), url: maybe('data:text/plain,x'), mediaType: odd, filename: odd },
      { requiredKeys: [] },
    ),
    odd,
  );
const message = () =>
  fc.record(
    {
      id: maybe('m'),
      role: maybe('user'),
      parts: fc.oneof(fc.array(part(), { maxLength: 4 }), odd),
      metadata: odd,
    },
    { requiredKeys: [] },
  );

it('no body, however odd, breaks a route', async () => {
  const body = fc.oneof(
    fc.record(
      {
        threadId: maybe(threadId),
        message: message(),
        trigger: maybe('submit-message'),
        messageId: maybe(undefined),
      },
      { requiredKeys: [] },
    ),
    fc.record({ id: odd, messages: fc.array(message(), { maxLength: 3 }), trigger: maybe('submit-message') }),
    fc.record(
      { runId: maybe(runId), outputs: fc.array(fc.record({ toolCallId: maybe('call_1'), output: odd })) },
      { requiredKeys: [] },
    ),
    fc.record({ title: odd }),
    odd,
  );
  const targets = routes.filter(({ method }) => method !== 'GET' && method !== 'DELETE');
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...targets), body, async ({ method, path }, content) => {
      const response = await chat.send(method, `/${path.replace(':id', threadId)}`, { body: content });
      const text = await response.text();
      expect(response.status).toBeLessThan(500);
      // What is refused says so in the shape of every error.
      const refused = response.status < 400 ? 'not at all' : JSON.parse(text).error.code;
      expect(refused).toEqual(expect.any(String));
    }),
    { numRuns: 300 },
  );
});
