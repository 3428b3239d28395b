import { tool } from 'ai';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions, SendOptions } from '../test-support/chat.ts';
import { routes } from './create-assistant-handler.ts';
import type { AssistantHandler } from './create-assistant-handler.ts';

const canary = 'canary-7f3a';
const fail = (): never => {
  throw new Error(canary, { cause: { canary } });
};

/** All that an answer says, to its end. */
async function tell(response: Response): Promise<string> {
  // As a client reads it: what breaks it off stays in this process.
  let body = '';
  try {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) body += decoder.decode(piece, { stream: true });
  } catch {
    body += ' and no more';
  }
  return `${response.status} ${[...response.headers].join('\n')}\n${body}`;
}

/** A request to each route that goes well when nothing fails. */
interface Things {
  threadId: string;
  fileId: string;
}
const text = { type: 'text', text: 'Hi' };
const requests: Record<string, (things: Things) => [path: string, init?: SendOptions]> = {
  'POST ': ({ threadId, fileId }) => [
    '',
    {
      body: {
        threadId,
        message: {
          role: 'user',
          parts: [
            text,
            { type: 'file', url: `/api/assistant/files/${fileId}` },
            { type: 'file', url: 'data:text/plain,hello' },
          ],
        },
      },
    },
  ],
  'POST files': () => {
    const form = new FormData();
    form.set('file', new File(['hello'], 'a.txt'));
    return ['/files', { form }];
  },
  'GET files/:id': ({ fileId }) => [`/files/${fileId}`],
  'DELETE files/:id': ({ fileId }) => [`/files/${fileId}`],
  'GET threads': () => ['/threads'],
  'GET threads/:id': ({ threadId }) => [`/threads/${threadId}`],
  'PATCH threads/:id': ({ threadId }) => [`/threads/${threadId}`, { body: { title: 'New' } }],
  'DELETE threads/:id': ({ threadId }) => [`/threads/${threadId}`],
  'GET threads/:id/stream': ({ threadId }) => [`/threads/${threadId}/stream`],
  'GET threads/:id/files/:name': ({ threadId }) => [`/threads/${threadId}/files/a.txt`],
  'POST threads/:id/cancel': ({ threadId }) => [`/threads/${threadId}/cancel`, { body: {} }],
  'POST threads/:id/tool-outputs': ({ threadId }) => [
    `/threads/${threadId}/tool-outputs`,
    { body: { runId: 'run_x', outputs: [] } },
  ],
  'GET :id/stream': ({ threadId }) => [`/${threadId}/stream`],
};

/** Ways in which the server behind can fail, each with something to tell. */
const failures: Record<string, (real: () => Promise<Response>) => Promise<Response> | Response> = {
  'no connection': fail,
  'an error of its own': () => Response.json({ error: { message: canary } }, { status: 500 }),
  'a refusal': () => Response.json({ error: { message: canary, code: canary } }, { status: 400 }),
  'a refusal of the key': () => Response.json({ error: { message: canary } }, { status: 401 }),
  'too many requests': () => Response.json({ error: { message: canary } }, { status: 429 }),
  'no JSON': () => new Response(`{"${canary}`, { headers: { 'content-type': 'application/json' } }),
  'a page': () => new Response(`<html>${canary}`, { status: 502, headers: { 'x-canary': canary } }),
  'an answer that breaks off': async (real) => {
    const response = await real();
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{'));
        controller.error(new Error(canary));
      },
    });
    return new Response(body, response);
  },
};

describe('what a server behind the route says when it fails', () => {
  let chat: Chat;
  let faulty: Chat;
  let calls = 0;
  let failAt = Number.POSITIVE_INFINITY;
  let failure = failures['no connection']!;

  beforeAll(() => {
    chat = startChat({ turns: [() => 'Fine.'] });
    const { fetch } = chat.engine;
    const openai = chat.openai.withOptions({
      fetch: async (input, init) => {
        calls += 1;
        const real = () => Promise.resolve(fetch(input, init));
        if (calls !== failAt) return real();
        // Whatever comes as the content of a file is the file.
        return String(input).endsWith('/content') && failure === failures['no JSON'] ? fail() : failure(real);
      },
    });
    faulty = startChat({ turns: [], openai });
  });
  afterAll(() => Promise.all([chat.close(), faulty.close()]));

  it('is asked of every route', () => {
    expect(Object.keys(requests).sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  it.each(Object.keys(requests))('never reaches a browser: %s', async (route) => {
    const method = route.split(' ')[0] as keyof AssistantHandler;
    for (const [kind, way] of Object.entries(failures)) {
      for (let call = 1; call <= 40; call += 1) {
        failAt = Number.POSITIVE_INFINITY;
        const { id: fileId } = await faulty.upload('a.txt', 'hello');
        const made = await faulty.say('Hi', null, { trigger: 'append-message' });
        const threadId = /thread_\w+/.exec(await made.text())![0];
        const [path, init] = requests[route]!({ threadId, fileId });
        [calls, failAt, failure] = [0, call, way];
        const told = await tell(await faulty.send(method, path, init));
        expect([route, kind, call, told]).toEqual([route, kind, call, expect.not.stringContaining('canary')]);
        // Everything that is asked of the server has failed once.
        if (calls < call) break;
      }
    }
  });
});

describe('what a hook throws', () => {
  let chat: Chat | undefined;
  afterEach(() => chat?.close());
  const echo = (more: object) => ({
    echo: tool({ inputSchema: z.object({}), execute: async () => 'ok', ...more }),
  });
  const calling = [{ parts: [{ call: 'echo', input: {} }] }, 'Done.'];

  const hooks: Record<string, Partial<ChatOptions>> = {
    authorize: { authorize: fail },
    openai: { openai: fail },
    onError: { onError: fail, authorize: fail },
    rateLimit: { rateLimit: fail },
    'the index of threads': { threads: { touch: fail, remove: fail, list: fail } },
    waitUntil: { waitUntil: fail },
    'a tool': { tools: echo({ execute: fail }), turns: calling },
    'a tool that says more': {
      tools: echo({ execute: () => Promise.reject(new Error(canary)) }),
      turns: calling,
    },
    'a tool that streams': {
      tools: echo({
        async *execute() {
          yield 'some';
          fail();
        },
      }),
      turns: calling,
    },
    needsApproval: { tools: echo({ needsApproval: fail }), turns: calling },
  };

  it.each(Object.entries(hooks))('never reaches a browser: %s', async (_, options) => {
    chat = startChat({ turns: [() => 'Fine.'], ...options });
    const told = [await tell(await chat.say('Hi'))];
    const threadId = /thread_\w+/.exec(told[0]!)?.[0] ?? 'thread_none';
    for (const [route, request] of Object.entries(requests)) {
      const [path, init] = request({ threadId, fileId: 'file-none' });
      told.push(await tell(await chat.send(route.split(' ')[0] as keyof AssistantHandler, path, init)));
    }
    expect(told.join('\n\n')).not.toContain('canary');
  });

  it('takes no answer away that has begun: waitUntil', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown) => void errors.push(error);
    chat = startChat({ turns: ['Fine.'], waitUntil: fail, onError });
    expect(await tell(await chat.say('Hi'))).toContain('"finishReason":"stop"');
    expect(errors).toHaveLength(1);
  });
});
