import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { toTitle } from './public-thread.ts';
import type { PublicThread } from './public-thread.ts';
import type { ThreadIndex } from './options.ts';

let chat: Chat;
function start(options: Partial<ChatOptions> = {}): Chat {
  return (chat = startChat({ turns: [() => 'Fine.'], ...options }));
}
beforeEach(() => void start());
afterEach(() => chat.close());

async function say(text: string, threadId?: string): Promise<string> {
  const { message } = await readStream(await chat.say(text, threadId));
  return message.metadata!.threadId!;
}

interface List {
  threads: PublicThread[];
  next: string | null;
}

async function list(query = ''): Promise<List> {
  const response = await chat.send('GET', `/threads${query}`);
  expect(response.status).toBe(200);
  return response.json();
}

const titles = ({ threads }: List) => threads.map(({ title }) => title);

describe('the list of threads', () => {
  it('is empty at first, and names each thread with its title and times, but not with its owner', async () => {
    expect(await list()).toEqual({ threads: [], next: null });
    const id = await say('How warm is it?');
    const { metadata } = await chat.openai.beta.threads.retrieve(id);
    await chat.openai.beta.threads.update(id, {
      metadata: { ...(metadata as Record<string, string>), topic: 'weather' },
    });
    expect(await list()).toEqual({
      threads: [
        {
          id,
          title: 'How warm is it?',
          createdAt: expect.any(Number),
          updatedAt: expect.any(Number),
          metadata: { topic: 'weather' },
        },
      ],
      next: null,
    });
  });

  it('has the thread on top that was last spoken in, by pages', async () => {
    const first = await say('one');
    await say('two');
    await say('three');
    await say('again', first);
    expect(titles(await list())).toEqual(['one', 'three', 'two']);
    const page = await list('?limit=2');
    expect(titles(page)).toEqual(['one', 'three']);
    expect(titles(await list(`?limit=2&after=${page.next}`))).toEqual(['two']);
  });

  it('shows a new title, and no longer what was deleted', async () => {
    const [one, two] = [await say('one'), await say('two')];
    await chat.send('PATCH', `/threads/${one}`, { body: { title: 'Better' } });
    await chat.send('DELETE', `/threads/${two}`);
    expect(titles(await list())).toEqual(['Better']);
  });

  it.each(['?limit=0', '?limit=101', '?limit=x', '?after=', '?after=nonsense', '?after=thread_x:1'])(
    'answers 400 to %s',
    async (query) => {
      const response = await chat.send('GET', `/threads${query}`);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: { code: 'bad_request' } },
      ]);
    },
  );

  it('is one list for a visitor who was taken for two', async () => {
    start({ authorize: undefined });
    const address = 'http://chat.test/api/assistant';
    const cookies: string[] = [];
    for (const message of ['a', 'b']) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ threadId: null, message });
      const response = await chat.handler.POST(new Request(address, { method: 'POST', headers, body }));
      await response.text();
      cookies.push(response.headers.get('set-cookie')!.split(';')[0]!);
    }
    const headers = { cookie: cookies.join('; ') };
    const both = await chat.handler.GET(new Request(`${address}/threads`, { headers }));
    expect(titles(await both.json())).toEqual(['b', 'a']);
  });

  it('of a server that lists nothing answers 501 with a code', async () => {
    const { openai } = chat;
    const deaf = Object.assign(Object.create(openai) as typeof openai, {
      get: (path: string, options: object) => openai.get(path === '/threads' ? '/nothing' : path, options),
    });
    start({ openai: deaf });
    const response = await chat.send('GET', '/threads');
    expect([response.status, await response.json()]).toMatchObject([
      501,
      { error: { code: 'not_supported' } },
    ]);
  });

  it('of a server that passes over the filter shows nobody the threads of others', async () => {
    const { openai } = chat;
    const data = [await openai.beta.threads.create({ metadata: { owner: 'somebody else' } })];
    const careless = Object.assign(Object.create(openai) as typeof openai, {
      get: async () => ({ data }),
    });
    start({ openai: careless });
    expect(await list()).toEqual({ threads: [], next: null });
  });
});

describe('an index of threads', () => {
  function createIndex(): ThreadIndex & { touched: Map<string, string[]> } {
    const touched = new Map<string, string[]>();
    const without = (owner: string, id: string) => (touched.get(owner) ?? []).filter((other) => other !== id);
    return {
      touched,
      touch: (owner, id) => void touched.set(owner, [id, ...without(owner, id)]),
      remove: (owner, id) => void touched.set(owner, without(owner, id)),
      list: async (owners) => ({
        threads: owners.flatMap((owner) => touched.get(owner) ?? []).map((id) => ({ id, updatedAt: 5 })),
        next: null,
      }),
    };
  }

  it('takes the place of the server’s list, and is told of every message and deletion', async () => {
    const index = createIndex();
    start({ threads: index });
    const [one, two] = [await say('one'), await say('two')];
    await say('again', one);
    expect((await list()).threads.map(({ id, title, updatedAt }) => [id, title, updatedAt])).toEqual([
      [one, 'one', 5],
      [two, 'two', 5],
    ]);
    await chat.send('DELETE', `/threads/${one}`);
    expect(titles(await list())).toEqual(['two']);
    // What the index says is checked: here it names a thread of somebody else, and one that is gone.
    const foreign = await chat.openai.beta.threads.create({ metadata: { owner: 'somebody else' } });
    const [owner] = index.touched.keys();
    index.touched.set(owner!, [foreign.id, two, one]);
    expect(titles(await list())).toEqual(['two']);
  });

  it('that fails stops no chat, and is reported', async () => {
    const seen: unknown[] = [];
    const fail = async (): Promise<never> => {
      throw new Error('canary-index');
    };
    const threads: ThreadIndex = { touch: fail, remove: fail, list: fail };
    start({ threads, onError: (error) => void seen.push(error) });
    expect((await readStream(await chat.say('one'))).text).toBe('Fine.');
    expect(String(seen[0])).toContain('canary-index');
    const response = await chat.send('GET', '/threads');
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('canary');
  });
});

describe('a title', () => {
  it.each([
    ['Hi', 'Hi'],
    ['  What\n\n is\tthis? ', 'What is this?'],
    ['\u202Eevil\u0000\u200B title', 'evil title'],
    ['', ''],
    [
      'Please compare the sales of the last four quarters, and draw a chart of them for me',
      'Please compare the sales of the last four quarters, and…',
    ],
    ['x'.repeat(80), `${'x'.repeat(59)}…`],
    ['👩‍👩‍👧‍👦'.repeat(70), `${'👩‍👩‍👧‍👦'.repeat(36)}…`],
  ])('of %j is %j', (text, title) => {
    expect(toTitle(text)).toBe(title);
  });
});
