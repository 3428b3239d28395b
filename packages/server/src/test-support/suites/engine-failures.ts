import { afterAll, beforeAll, expect, it } from 'vitest';
import { routes } from '../../handler/create-assistant-handler.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { ChatRequest, RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';
import { canary } from '../scripts.ts';

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
const requests: Record<string, (things: Things) => [path: string, init?: ChatRequest]> = {
  'POST ': ({ threadId, fileId }) => [
    '',
    {
      json: {
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
  'PATCH threads/:id': ({ threadId }) => [`/threads/${threadId}`, { json: { title: 'New' } }],
  'DELETE threads/:id': ({ threadId }) => [`/threads/${threadId}`],
  'GET threads/:id/stream': ({ threadId }) => [`/threads/${threadId}/stream`],
  'GET threads/:id/files/:name': ({ threadId }) => [`/threads/${threadId}/files/a.txt`],
  'POST threads/:id/cancel': ({ threadId }) => [`/threads/${threadId}/cancel`, { json: {} }],
  'POST threads/:id/tool-outputs': ({ threadId }) => [
    `/threads/${threadId}/tool-outputs`,
    { json: { runId: 'run_x', outputs: [] } },
  ],
  'GET :id/stream': ({ threadId }) => [`/${threadId}/stream`],
};

/** Ways in which the server behind can fail, each with something to tell. */
const failures: Record<
  string,
  (real: () => Promise<Response>, drop: () => Response) => Promise<Response> | Response
> = {
  'no connection': (_real, drop) => drop(),
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
        controller.error(new Error('canary'));
      },
    });
    return new Response(body, response);
  },
};

/** Routes that take away or occupy what they are asked for. */
const spends = new Set(['POST ', 'DELETE files/:id', 'DELETE threads/:id']);

/** Every request of every route to the engine, failing in every way. */
export function engineFailures(runtime: Runtime): void {
  let chat: RuntimeChat;
  let calls = 0;
  let failAt = Number.POSITIVE_INFINITY;
  let failure = failures['no connection']!;

  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, {
      turns: [() => 'Fine.'],
      between: async (request, real, drop) => {
        calls += 1;
        if (calls !== failAt) return real(request);
        // Whatever comes as the content of a file is the file.
        const isContent = request.url.endsWith('/content') && failure === failures['no JSON'];
        return isContent ? drop() : failure(() => real(request), drop);
      },
    });
  });
  afterAll(() => chat.close());

  it('are asked of every route', () => {
    expect(Object.keys(requests).sort()).toEqual(
      routes.map(({ method, path }) => `${method} ${path}`).sort(),
    );
  });

  async function prepare(): Promise<Things> {
    failAt = Number.POSITIVE_INFINITY;
    const { id: fileId } = await chat.upload('a.txt', 'hello');
    const made = await chat.say('Hi', null, { trigger: 'append-message' });
    return { threadId: /thread_\w+/.exec(await made.text())![0], fileId };
  }

  it.each(Object.keys(requests))('never reach a browser: %s', async (route) => {
    const method = route.split(' ')[0]!;
    let things = await prepare();
    for (const [kind, way] of Object.entries(failures)) {
      for (let call = 1; call <= 40; call += 1) {
        if (spends.has(route)) things = await prepare();
        const [path, init] = requests[route]!(things);
        [calls, failAt, failure] = [0, call, way];
        const told = await tell(await chat.send(method, path, init));
        expect([route, kind, call, told]).toEqual([route, kind, call, expect.not.stringContaining('canary')]);
        // Everything that is asked of the server has failed once.
        if (calls < call) break;
      }
    }
  });
}
