import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../handler/create-assistant-handler.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** Odd requests to each runtime; many more at night. fast-check prints the seed of a failure. */
const numRuns = Number(process.env['FUZZ_REQUESTS'] ?? 1000);

/** A value that may stand where the protocol wants another. */
const odd = fc.oneof(
  { weight: 20, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  {
    weight: 10,
    arbitrary: fc.constantFrom('../../files/x', 'thread_', '\u0000', '\uD800', -1, 1e308, '__proto__', {
      ['__proto__']: { a: 1 },
    }),
  },
  { weight: 1, arbitrary: fc.constant('x'.repeat(1_000_000)) },
);
/** A value that fits, or one that does not. `$thread` and `$run` stand for those of the moment. */
const maybe = (value: unknown) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: odd });
const part = () =>
  fc.oneof(
    fc.record({ type: maybe('text'), text: maybe('Hi') }, { requiredKeys: [] }),
    fc.record(
      {
        type: maybe('file'),
        url: fc.oneof(
          maybe('data:text/plain,x'),
          fc.constantFrom(`/api/assistant/files/x`, 'data:', 'data:;base64,%'),
        ),
        mediaType: odd,
        filename: odd,
      },
      { requiredKeys: [] },
    ),
    fc.record({
      type: maybe('tool-x'),
      toolCallId: maybe('call_1'),
      state: maybe('output-available'),
      output: odd,
    }),
    odd,
  );
const message = () =>
  fc.record(
    {
      id: maybe('m'),
      role: fc.oneof(maybe('user'), maybe('assistant')),
      parts: fc.oneof(fc.array(part(), { maxLength: 4 }), odd),
      metadata: fc.oneof(
        odd,
        fc.record({ threadId: maybe('$thread'), runId: maybe('$run') }, { requiredKeys: [] }),
      ),
    },
    { requiredKeys: [] },
  );
const trigger = fc.constantFrom('submit-message', 'append-message', 'regenerate-message', 'x', null);
const json = fc.oneof(
  fc.record(
    { threadId: maybe('$thread'), message: message(), trigger, messageId: maybe(undefined) },
    { requiredKeys: [] },
  ),
  fc.record({ threadId: maybe('$thread'), message: maybe('Hi') }),
  fc.record({ id: odd, messages: fc.array(message(), { maxLength: 3 }), trigger }),
  fc.record({
    runId: maybe('$run'),
    outputs: fc.oneof(
      odd,
      fc.array(
        fc.record({ toolCallId: maybe('call_1'), output: odd, approved: maybe(true) }, { requiredKeys: [] }),
      ),
    ),
  }),
  fc.record({ title: fc.oneof(odd, fc.string()) }),
  odd,
);

/** Nested beyond what any code that follows it one call a level would bear. */
const deep = '['.repeat(50_000) + ']'.repeat(50_000);
const deepBodies = ['message', 'messages', 'outputs', 'title'].map((key) => `{"runId":"x","${key}":${deep}}`);

/** A string for a place in the address or in a header. */
const word = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '..',
    '%',
    '%00',
    '%2e%2e%2f',
    'thread_missing',
    'file-x~y',
    '__proto__',
    'x'.repeat(5000),
    '-1',
    '0',
  ),
);
const request = fc.record({
  route: fc.constantFrom(...routes),
  id: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: word }),
  name: word,
  query: fc.dictionary(fc.constantFrom('limit', 'after', 'before', 'x', '__proto__'), word, { maxKeys: 3 }),
  headers: fc.dictionary(
    fc.constantFrom('last-event-id', 'range', 'if-range', 'accept', 'content-length', 'cookie'),
    fc.oneof(
      fc.constantFrom(
        'bytes=0-',
        'run_x:0.0',
        ':',
        'run_x:99999999999999999999.0',
        'bytes=-1',
        '1',
        '-1',
        'NaN',
      ),
      fc.stringMatching(/^[\x20-\x7e]{0,40}$/),
    ),
    { maxKeys: 3 },
  ),
  type: fc.constantFrom(
    'application/json',
    'application/json',
    'application/json',
    'multipart/form-data; boundary=b',
    'text/plain',
    '',
  ),
  body: fc.oneof(
    { weight: 8, arbitrary: json.map((value) => ({ value })) },
    {
      weight: 1,
      arbitrary: fc
        .oneof(
          fc.string(),
          fc.constantFrom('{', '[', '"', '--b\r\n', '--b--', '{"a":1}x', '\uFEFF{}', deep, ...deepBodies),
        )
        .map((raw) => ({ raw })),
    },
  ),
});

/** Requests that no client of ours would send. */
export function fuzz(runtime: Runtime): void {
  let chat: RuntimeChat;
  let threadId = '';
  let runId = '';
  let fileId = '';
  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, { turns: [() => 'Fine.'] });
    fileId = (await chat.upload('a.txt', 'hello')).id;
    await renew();
  });
  afterAll(() => chat.close());

  /** The thread may have been deleted by one of the requests. */
  async function renew(): Promise<void> {
    const told = await (await chat.say('Hi')).text();
    threadId = /thread_\w+/.exec(told)![0];
    runId = /run_\w+/.exec(told)![0];
  }

  const ofNow = (_key: string, value: unknown): unknown =>
    value === '$thread' ? threadId : value === '$run' ? runId : value;

  it(
    'never break a route',
    async () => {
      const seen = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(request, async ({ route, id, name, query, headers, type, body }) => {
          const known = route.path.startsWith('files') ? fileId : threadId;
          const path = route.path
            .replace(':id', () => (id === undefined ? known : encodeURIComponent(id.toWellFormed())))
            .replace(':name', () => encodeURIComponent(name.toWellFormed()));
          // Nothing is deleted but what was made for it.
          if (route.method === 'DELETE' && id === undefined && known === threadId) await renew();
          const url = new URL(`http://chat.test/api/assistant/${path}`);
          for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
          const { 'content-length': length, ...others } = headers;
          const hasBody = route.method === 'POST' || route.method === 'PATCH';
          const text = 'raw' in body ? body.raw : (JSON.stringify(body.value, ofNow) ?? '');
          const sent = chat.send(route.method, url.href, {
            headers: {
              ...others,
              // HTTP counts for itself.
              ...(runtime.isDirect && length !== undefined && { 'content-length': length }),
              ...(type !== '' && { 'content-type': type }),
            },
            ...(hasBody && { body: text }),
          });
          const response = await sent.catch((error: unknown) => {
            // Who still sends while he is refused may lose the answer with the connection.
            if (runtime.isDirect || text.length < 64_000) throw error;
          });
          if (!response) return;
          const answer = await response.text();
          expect(response.status).toBeLessThan(500);
          // What is refused says so in the shape of every error.
          const refused = response.status < 400 ? 'not at all' : JSON.parse(answer).error.code;
          expect(refused).toEqual(expect.any(String));
          const key = `${route.method} ${route.path}`;
          seen.set(key, (seen.get(key) ?? 0) + 1);
          if (route.method === 'DELETE' && response.status === 204) {
            if (known === threadId) await renew();
            else fileId = (await chat.upload('a.txt', 'hello')).id;
          }
        }),
        { numRuns },
      );
      expect(seen.size).toBe(routes.length);
    },
    60_000 + numRuns * 60,
  );
}
