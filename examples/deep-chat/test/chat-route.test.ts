import type { AddressInfo } from 'node:net';
import { serve, type ServerType } from '@hono/node-server';
import { createEngine, sqlite, type Engine } from '@use-assistant/engine';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runtimes, type Send, type Sent } from './runtimes.ts';

let engine: Engine;
let server: ServerType;
let send: Send;
let cookie: string | undefined;

async function start(turns: ScriptedTurnSource[], runtime: (engine: string) => Promise<Send>): Promise<void> {
  engine = createEngine({ model: scriptedModel(turns), storage: sqlite(':memory:') });
  const url = await new Promise<string>((resolve) => {
    const fetch = (request: Request) => engine.fetch(request);
    // The globals stay as they are: the edge runtime takes its own from them.
    server = serve({ fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}/v1`),
    );
  });
  send = await runtime(url);
}

/** Asks as a browser does: the visitor's cookie goes along. */
async function ask(
  request: Omit<Sent, 'headers'>,
  accept = '*/*',
): Promise<{ status: number; body: string }> {
  const response = await send({ ...request, headers: { accept, ...(cookie && { cookie }) } });
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
  return { status: response.status, body: await response.text() };
}

const json = async (body: object): Promise<{ text: string; thread_id: string; error?: string }> =>
  JSON.parse((await ask({ json: body })).body);
const user = (text: string) => ({ role: 'user', text });

beforeEach(() => {
  cookie = undefined;
});

afterEach(async () => {
  server.close();
  await engine.close();
});

describe.each(Object.entries(runtimes))('the route on %s', (_, runtime) => {
  it('keeps ten messages, with and without files, in one thread', async () => {
    await start([(prompt) => `${prompt.filter(({ role }) => role === 'user').length} so far`], runtime);
    let threadId: string | undefined;
    for (let count = 1; count <= 10; count += 1) {
      const text = `Message ${count}`;
      const parts: Sent['parts'] = [
        ['files', { name: `notes-${count}.txt`, text: `Note ${count}` }],
        ['message1', JSON.stringify(user(text))],
        ...(threadId ? ([['thread_id', JSON.stringify(threadId)]] as Sent['parts'] & object) : []),
      ];
      const request = count % 2 ? { json: { messages: [user(text)], thread_id: threadId } } : { parts };
      const { status, body } = await ask(request);
      expect(status).toBe(200);
      const answer = JSON.parse(body) as { text: string; thread_id: string };
      expect(answer.text).toBe(`${count} so far`);
      expect((threadId ??= answer.thread_id)).toBe(answer.thread_id);
    }
    const messages = await engine
      .openai()
      .beta.threads.messages.list(threadId!, { limit: 100, order: 'asc' });
    const asked = messages.data.filter(({ role }) => role === 'user');
    expect(asked.map(({ attachments }) => attachments?.length)).toEqual([0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    expect((await engine.openai().files.list()).data).toHaveLength(5);
  });

  it('streams the answer in events of Deep Chat, each with the thread', async () => {
    const text = [
      'It is in !',
      '[a.csv](sand',
      'box:/mnt/data/a.csv)',
      ' now【4:',
      '0†rules.md】, [1]!',
      ' 【x',
    ];
    await start([{ parts: [{ text }] }], runtime);
    const { body } = await ask({ json: { messages: [user('Where?')] } }, 'text/event-stream');
    const events = body
      .trim()
      .split('\n\n')
      .map((event) => JSON.parse(event.replace(/^data: /, '')) as { text: string; thread_id: string });
    expect(events.map(({ text }) => text).join('')).toBe('It is in **a.csv** now (rules.md), [1]! 【x\n\n');
    expect(new Set(events.map(({ thread_id }) => thread_id)).size).toBe(1);
  });

  it('answers several function calls at once', async () => {
    const turns: ScriptedTurnSource[] = [
      {
        parts: [
          { call: 'get_stock_price', input: { symbol: 'AAPL' } },
          { call: 'get_stock_price', input: { symbol: 'META' } },
        ],
      },
      (prompt) => JSON.stringify(prompt.at(-1)),
    ];
    await start(turns, runtime);
    const { text } = await json({ messages: [user('Prices?')] });
    expect(text).toMatch(/231\.50[\s\S]*612\.20/);
  });
});

describe('the route', () => {
  const onNode = runtimes['Node']!;

  it('shows what went wrong in words, and goes on in the same thread', async () => {
    await start(['One', { error: new Error('secret of the provider') }, 'Three'], onNode);
    const { thread_id } = await json({ messages: [user('1')] });
    const failed = await ask({ json: { messages: [user('2')], thread_id } });
    expect(failed.status).toBe(502);
    expect(JSON.parse(failed.body)).toEqual({ error: 'The model failed to answer. Ask again.' });
    expect(await json({ messages: [user('3')], thread_id })).toEqual({ text: 'Three', thread_id });
  });

  it('ends a stream that fails on the way with the reason', async () => {
    await start(
      [{ parts: [{ text: 'Half' }, { streamError: new Error('secret of the provider') }] }],
      onNode,
    );
    const { status, body } = await ask({ json: { messages: [user('1')] } }, 'text/event-stream');
    expect(status).toBe(200);
    expect(body).toMatch(/"text":"Half"[\s\S]*\{"error":"The model failed to answer\. Ask again\."\}/);
    expect(body).not.toContain('secret');
  });

  it('shows nobody the thread of another', async () => {
    await start([() => 'Hello'], onNode);
    const { thread_id } = await json({ messages: [user('1')] });
    cookie = undefined;
    const foreign = await ask({ json: { messages: [user('2')], thread_id } });
    const missing = await ask({ json: { messages: [user('2')], thread_id: 'thread_none' } });
    expect(foreign).toEqual(missing);
    expect(foreign.status).toBe(404);
  });

  it('takes a message of files alone', async () => {
    await start([() => 'Seen'], onNode);
    const { body } = await ask({ parts: [['files', { name: 'a.txt', text: 'a' }]] });
    expect(JSON.parse(body)).toMatchObject({ text: 'Seen' });
  });

  it('says that the answer before is still being written, and keeps no file of what it refused', async () => {
    await start(['Hello', { parts: [{ text: 'Well' }, { hang: true }] }], onNode);
    const { thread_id } = await json({ messages: [user('1')] });
    const headers = { accept: 'text/event-stream', cookie: cookie! };
    const open = await send({ headers, json: { messages: [user('2')], thread_id } });
    const parts: Sent['parts'] = [
      ['files', { name: 'a.txt', text: 'a' }],
      ['message1', JSON.stringify(user('3'))],
      ['thread_id', JSON.stringify(thread_id)],
    ];
    const { status, body } = await ask({ parts });
    expect(status).toBe(409);
    expect(body).toContain('still being written');
    expect((await engine.openai().files.list()).data).toEqual([]);
    await open.body!.cancel();
    const runs = await engine.openai().beta.threads.runs.list(thread_id);
    expect(runs.data[0]!.status).toBe('cancelled');
  });

  it.each<[string, Omit<Sent, 'headers'>]>([
    ['no message', { json: { messages: [] } }],
    ['no JSON', { parts: [['message1', 'not json']] }],
    ['a thread id that is none', { json: { messages: [user('x')], thread_id: '../x' } }],
    ['a body that is a list', { json: [1] }],
  ])('refuses %s', async (_, request) => {
    await start([() => 'Hello'], onNode);
    const { status, body } = await ask(request);
    expect(status).toBe(400);
    expect(JSON.parse(body)).toEqual({ error: expect.any(String) });
  });

  it('refuses a request that is too large before it reads it', async () => {
    await start([() => 'Hello'], onNode);
    const headers = { 'content-length': String(64 * 1024 ** 2) };
    expect((await send({ headers, json: { messages: [user('x')] } })).status).toBe(413);
  });

  it('finds its assistant again after a restart', async () => {
    await start([() => 'Hello'], onNode);
    await json({ messages: [user('1')] });
    const { port } = server.address() as AddressInfo;
    send = await onNode(`http://127.0.0.1:${port}/v1`);
    await json({ messages: [user('2')] });
    expect((await engine.openai().beta.assistants.list()).data).toHaveLength(1);
  });
});
