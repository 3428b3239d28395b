/// <reference types="node" />
import { jsonSchema, tool } from 'ai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChat } from '../../server/src/test-support/chat.ts';
import type { Chat } from '../../server/src/test-support/chat.ts';
import { AssistantClient } from './assistant-client.ts';
import { preload } from './lazy.ts';
import type { ChatMessage } from './state.ts';

let chat: Chat;

const inputSchema = jsonSchema<{ room: string }>({
  type: 'object',
  properties: { room: { type: 'string' } },
  required: ['room'],
});

beforeAll(async () => {
  await preload();
  chat = startChat({
    tools: {
      temperature: tool({ inputSchema, execute: ({ room }) => ({ room, degrees: 20 }) }),
      paint: tool({ inputSchema, needsApproval: true, execute: ({ room }) => `${room} is blue` }),
    },
    python(_code, write, files) {
      write('one\n');
      write('two\n');
      files.set('clean.csv', new TextEncoder().encode('a,b'));
    },
    turns: [
      { parts: [{ text: ['One ', 'two ', 'three.'] }] },
      {
        parts: [
          { text: ['Let me ', 'look.'] },
          { call: 'temperature', input: { room: 'hall' }, fragments: 3 },
          { call: 'temperature', input: { room: 'attic' } },
        ],
      },
      { parts: [{ call: 'code_interpreter', input: { code: 'plot()' }, fragments: 4 }] },
      { parts: [{ text: ['See [this](sandbox:/mnt/data/', 'clean.csv).'] }] },
      { parts: [{ call: 'paint', input: { room: 'hall' } }] },
      { parts: [{ text: ['It is ', 'blue.'] }] },
    ],
  });
});
afterAll(() => chat.close());

/** The real route, as `fetch`. */
function askRoute(path: string, init: RequestInit): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('x-user', 'alice');
  const method = (init.method ?? 'GET') as 'GET' | 'POST';
  return chat.handler[method](new Request(`http://chat.test${path}`, { ...init, headers }));
}

const isAnswer = (path: string, { method }: RequestInit) =>
  method === 'POST' && /assistant$|\/tool-outputs$/.test(path);

/** A network that breaks the first answer after so many events. `lie` is what becomes of the place to go on from. */
function breakAfter(recorded: string[], count: number, lie?: string) {
  const paths: string[] = [];
  const fetch = async (input: unknown, init: RequestInit = {}) => {
    const path = String(input);
    paths.push(`${init.method} ${path.replace(/.*assistant/, '')}`);
    if (!isAnswer(path, init)) {
      const headers = new Headers(init.headers);
      if (lie !== undefined && headers.has('last-event-id')) headers.set('last-event-id', lie);
      return askRoute(path, { ...init, headers });
    }
    const events = recorded.slice(0, count).map((event) => new TextEncoder().encode(event));
    let next = 0;
    return new Response(
      new ReadableStream({
        pull(controller) {
          const event = events[next];
          next += 1;
          if (event) controller.enqueue(event);
          else controller.error(new TypeError('network error'));
        },
      }),
    );
  };
  return { fetch: fetch as typeof globalThis.fetch, paths };
}

/** What a step of the talk was: what stood there before, what was done, what was streamed, what stands there now. */
interface Step {
  threadId: string;
  before: ChatMessage[];
  act: (client: AssistantClient) => Promise<void>;
  recorded: string[];
  after: ChatMessage[];
}

async function record(threadId: string | undefined, before: ChatMessage[], act: Step['act']): Promise<Step> {
  let text: Promise<string> | undefined;
  const fetch = async (input: unknown, init: RequestInit = {}) => {
    const response = await askRoute(String(input), init);
    if (isAnswer(String(input), init)) text = response.clone().text();
    return response;
  };
  const client = new AssistantClient({ fetch: fetch as typeof globalThis.fetch, threadId, messages: before });
  await act(client);
  const { messages, error, threadId: named } = client.getSnapshot();
  expect(error).toBeUndefined();
  const recorded = (await text!).split(/(?<=\n\n)/);
  return { threadId: named!, before, act, recorded, after: messages };
}

async function replay(step: Step, count: number, lie?: string) {
  const { fetch, paths } = breakAfter(step.recorded, count, lie);
  let finishes = 0;
  const client = new AssistantClient({
    fetch,
    threadId: step.threadId,
    messages: step.before,
    retry: { baseDelay: 0, retries: 2 },
    // Every client is a page of its own.
    storage: { getItem: () => null, setItem() {}, removeItem() {} },
    onFinish: () => (finishes += 1),
  });
  await step.act(client);
  const { messages, error, status } = client.getSnapshot();
  return { messages, error, status, finishes, paths };
}

/** What a person sees of messages: also the history tells that, with parts that say less of how they came about. */
const seen = (messages: ChatMessage[]) =>
  messages.map(({ id, role, content, parts }) => ({
    id,
    role,
    content,
    parts: parts
      .filter(({ type }) => type !== 'step-start')
      .map((part) => [part.type, 'output' in part ? part.output : undefined]),
  }));

const say = (text: string) => (client: AssistantClient) => client.sendMessage({ id: `page-${text}`, text });

const approve = (client: AssistantClient) => {
  const part = client
    .getSnapshot()
    .messages.at(-1)!
    .parts.find((candidate) => candidate.type.startsWith('tool-')) as { approval?: { id: string } };
  return client.addToolApprovalResponse({ id: part.approval!.id, approved: true });
};

test('An answer that is cut at whatever event ends as if it had not been: text, tools, files, approvals.', async () => {
  let threadId: string | undefined;
  let before: ChatMessage[] = [];
  for (const act of [say('text'), say('tools'), say('paint'), approve]) {
    const step = await record(threadId, before, act);
    expect(step.recorded.length).toBeGreaterThan(5);
    for (let count = 1; count < step.recorded.length; count += 1) {
      const { paths: _, ...end } = await replay(step, count);
      const expected = { messages: step.after, error: undefined, status: 'ready', finishes: 1 };
      expect(end, `cut after ${count} of ${step.recorded.length}`).toEqual(expected);
    }
    // Nothing has been heard, and the run is over: the history tells of it.
    const { messages: told, status: settled } = await replay(step, 0);
    expect([seen(told), settled]).toEqual([seen(step.after), 'ready']);
    for (const lie of ['nonsense', 'run_gone:3.0', '\u00e9']) {
      for (const count of [1, 3, step.recorded.length - 2]) {
        const { messages, error, paths } = await replay(step, count, lie);
        expect(error, `${lie} after ${count}`).toBeUndefined();
        expect(seen(messages), `${lie} after ${count}: ${paths.join()}`).toEqual(seen(step.after));
      }
    }
    threadId = step.threadId;
    before = step.after;
  }
}, 120_000);
