import { tool } from 'ai';
import OpenAI from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AssistantResponse } from './assistant-response.ts';
import type { AssistantResponseContext, AssistantResponseOptions } from './assistant-response.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import { startChat } from './test-support/chat.ts';
import type { Chat, ChatOptions } from './test-support/chat.ts';
import {
  callDelta,
  head,
  messageDelta,
  messageEvent,
  runEvent,
  stepEvent,
  streamOf,
  textBlock,
  textRun,
} from './test-support/events.ts';

const canary = 'canary-4711';

function sing(): never {
  throw new Error(canary, { cause: canary });
}

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

const inputSchema = z.object({ room: z.string() });
const paint = tool({ inputSchema, needsApproval: true, execute: async () => 'painted' });
const look = tool({ inputSchema, execute: async () => 'dark' });

/** Everything that the route of a chat says while it is used in every way. */
async function useEverything(chat: Chat): Promise<string> {
  const wires: string[] = [];
  const send = async (...request: Parameters<Chat['send']>): Promise<string> => {
    const response = await chat.send(...request);
    wires.push(JSON.stringify([...response.headers]), await response.text());
    return wires.at(-1)!;
  };
  const form = new FormData();
  form.set('file', new File(['a,b\n'], 'a.csv'));
  const uploaded = /"url":"([^"]+)"/.exec(await send('POST', '/files', { form }))?.[1] ?? '/files/none';
  const parts = [
    { type: 'text', text: 'Paint' },
    { type: 'file', url: uploaded, mediaType: 'text/csv', filename: 'a.csv' },
  ];
  const asked = await send('POST', '', {
    body: { threadId: null, message: { id: 'page', role: 'user', parts } },
  });
  const threadId = /"threadId":"(thread_\w+)"/.exec(asked)?.[1] ?? 'thread_none';
  const runId = /"runId":"(run_\w+)"/.exec(asked)?.[1] ?? 'run_none';
  const toolCallId = /"approvalId":"([^"]+)"/.exec(asked)?.[1] ?? 'call_none';
  const thread = `/threads/${threadId}`;
  await send('GET', `${thread}/stream`);
  const body = { runId, outputs: [{ toolCallId, approved: true }] };
  const answer = await send('POST', `${thread}/tool-outputs`, { body });
  await send('GET', `${thread}/stream`, { headers: { 'last-event-id': `${runId}:0.0` } });
  await send('POST', '', { body: { threadId, message: 'Again, by v4' } });
  await send('GET', thread);
  await send('GET', '/threads');
  await send('PATCH', thread, { body: { title: 'Walls' } });
  const made = /"url":"\/api\/assistant(\/files\/[^"]+)"/.exec(answer)?.[1] ?? '/files/none';
  await send('GET', made);
  await send('GET', `${thread}/files/clean.csv`);
  await send('DELETE', uploaded.replace('/api/assistant', ''));
  await send('POST', `${thread}/cancel`);
  await send('DELETE', thread);
  return wires.join('\n');
}

let chat: Chat | undefined;
afterEach(() => chat?.close());

function start(called: Set<string>, broken?: string, options: Partial<ChatOptions> = {}): Chat {
  const started: Chat = startChat({
    turns: [
      { parts: [{ call: 'paint', input: { room: 'hall' } }] },
      { parts: [{ call: 'look', input: { room: 'hall' } }] },
      { parts: [{ call: 'code_interpreter', input: { code: 'save()' } }] },
      'See [it](sandbox:/mnt/data/clean.csv).',
      'Again.',
    ],
    tools: { paint, look },
    python: (_code, _write, files) => void files.set('clean.csv', new TextEncoder().encode('a\n')),
    openai: () => watch(started.openai, called, broken),
    ...options,
  });
  chat = started;
  return started;
}

describe('nothing of an error is on the wire of the handler', () => {
  it('when any call of the engine fails', async () => {
    const methods = new Set<string>();
    expect(await useEverything(start(methods))).toContain('0:"Again."');
    await chat!.close();
    expect(methods.size).toBeGreaterThan(15);
    for (const broken of methods) {
      const wire = await useEverything(start(new Set(), broken));
      expect({ broken, isTold: wire.includes(canary) }).toEqual({ broken, isTold: false });
      await chat!.close();
    }
  }, 120_000);

  it('unless onError says it', async () => {
    const onError = (error: unknown): string => String(error);
    expect(await useEverything(start(new Set(), 'beta.threads.messages.create', { onError }))).toContain(
      canary,
    );
  });

  const hooks: Record<string, Partial<ChatOptions>> = {
    authorize: { authorize: sing },
    'a client that cannot be made': { openai: sing },
    onError: { openai: sing, onError: sing },
    needsApproval: {
      tools: { paint: tool({ inputSchema, needsApproval: sing, execute: async () => '' }), look },
    },
    'a tool': { tools: { paint, look: tool({ inputSchema, execute: async (): Promise<string> => sing() }) } },
    'a tool that makes progress': {
      tools: {
        paint,
        look: tool({
          inputSchema,
          async *execute() {
            yield 'begun';
            sing();
          },
        }),
      },
    },
    'a schema': {
      tools: { paint, look: tool({ inputSchema: inputSchema.refine(sing), execute: async () => '' }) },
    },
    'the model, at once': { turns: [{ error: new Error(canary) }] },
    'the model, in the middle': {
      turns: [{ parts: [{ text: 'Some' }, { streamError: new Error(canary) }] }],
    },
  };
  for (const [name, options] of Object.entries(hooks)) {
    it(`when it is thrown by ${name}`, async () => {
      expect(await useEverything(start(new Set(), undefined, options))).not.toContain(canary);
    });
  }
});

const annotated = textBlock('sandbox:/mnt/data/a.csv', [
  {
    type: 'file_path',
    text: 'sandbox:/mnt/data/a.csv',
    start_index: 0,
    end_index: 23,
    file_path: { file_id: 'file_1' },
  },
]);
const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
const required_action = { type: 'submit_tool_outputs', submit_tool_outputs: { tool_calls: [call] } };
const fileEvents: AssistantsEvent[] = [
  ...head,
  messageEvent('created'),
  messageDelta({ index: 0, ...annotated }),
  messageEvent('completed', [annotated]),
  runEvent('completed'),
];
const callEvents: AssistantsEvent[] = [
  ...head,
  stepEvent('created', 'step_1', { type: 'tool_calls', tool_calls: [] }),
  callDelta('step_1', call),
  runEvent('requires_action', { required_action }),
];

async function* brokenStream(): AsyncGenerator<AssistantsEvent> {
  yield* textRun('Hello').slice(0, 5);
  sing();
}

/** A client whose every call fails. */
const brokenClient = new OpenAI({ apiKey: 'none', maxRetries: 0, fetch: async () => sing() });

describe.each(['v1', 'v4'] as const)(
  'nothing of an error is on the %s wire of AssistantResponse',
  (protocol) => {
    const forward =
      (events: AssistantsEvent[]) =>
      async ({ forwardStream }: AssistantResponseContext): Promise<void> => {
        await forwardStream(streamOf(events));
      };
    const last_error = { code: 'server_error', message: canary };
    const places: Record<
      string,
      [AssistantResponseOptions, (context: AssistantResponseContext) => Promise<void>]
    > = {
      'the callback': [{}, async () => sing()],
      'the callback, with a bare string': [{}, () => Promise.reject(canary)],
      'the stream': [{}, async ({ forwardStream }) => void (await forwardStream(brokenStream()))],
      'an error event': [{}, forward([...head, { event: 'error', data: { message: canary } }])],
      'a run that failed': [{}, forward([...head, runEvent('failed', { last_error })])],
      'a step that failed': [
        {},
        forward([
          ...head,
          stepEvent('failed', 's', { type: 'tool_calls', tool_calls: [call] }, { last_error }),
        ]),
      ],
      fileUrl: [{ openai: brokenClient, fileUrl: sing }, forward(fileEvents)],
      'the look-up of a file': [{ openai: brokenClient }, forward(fileEvents)],
      isClientTool: [{ isClientTool: sing }, forward(callEvents)],
      needsApproval: [{ needsApproval: sing }, forward(callEvents)],
      'a file that is attached': [
        { openai: brokenClient },
        async ({ data }) => void (await data.appendFile('a.csv', { fileId: 'file_1' })),
      ],
      onError: [{ onError: sing }, async () => sing()],
    };
    it.each(Object.entries(places))('when it is thrown by %s', async (_name, [options, callback]) => {
      const response = AssistantResponse({ threadId: 't', messageId: 'm', ...options, protocol }, callback);
      expect(await response.text()).not.toContain(canary);
    });

    it('when a run in one call cannot begin', async () => {
      const response = AssistantResponse({ openai: brokenClient, assistantId: 'a', message: 'Hi', protocol });
      expect(await response.text()).not.toContain(canary);
    });
  },
);
