import { createServer, get } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it, vi } from 'vitest';
import { toNodeListener } from './node.ts';
import type { FetchHandler } from './node.ts';
import { startChat } from './test-support/chat.ts';
import { readStream } from './test-support/read-stream.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(handler: FetchHandler): Promise<string> {
  const server = createServer(toNodeListener(handler));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('serves a chat over http: uploads, streams, cookies', async () => {
  const chat = startChat({ turns: ['Hello!'], authorize: undefined });
  const origin = await listen(chat.handler);
  const form = new FormData();
  form.set('file', new File(['a,b\n'], 'a.csv'));
  const upload = await fetch(`${origin}/api/assistant/files`, { method: 'POST', body: form });
  expect(upload.status).toBe(201);
  const cookie = upload.headers.getSetCookie()[0]!.split(';')[0]!;
  const { url } = (await upload.json()) as { url: string };
  const parts = [
    { type: 'text', text: 'Hi' },
    { type: 'file', url },
  ];
  const response = await fetch(`${origin}/api/assistant`, {
    method: 'POST',
    headers: { cookie, 'content-type': 'application/json' },
    body: JSON.stringify({ threadId: null, message: { role: 'user', parts } }),
  });
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect((await readStream(response)).text).toBe('Hello!');
  expect(await (await fetch(origin + url, { headers: { cookie } })).text()).toBe('a,b\n');
  const head = await fetch(origin + url, { method: 'HEAD', headers: { cookie } });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '4']);
  expect((await fetch(`${origin}/api/assistant`, { method: 'PUT' })).status).toBe(405);
  await chat.close();
});

it('ends the run when the client hangs up', async () => {
  const chat = startChat({ turns: [{ parts: [{ text: 'x' }, { hang: true }] }], onDisconnect: 'cancel' });
  const origin = await listen(chat.handler);
  const hangUp = new AbortController();
  const response = await fetch(`${origin}/api/assistant`, {
    method: 'POST',
    headers: { 'x-user': 'alice', 'content-type': 'application/json' },
    body: JSON.stringify({
      threadId: null,
      message: { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
    }),
    signal: hangUp.signal,
  });
  const { value } = await response.body!.getReader().read();
  const [, threadId, runId] = /"threadId":"(thread_\w+)","runId":"(run_\w+)"/.exec(
    new TextDecoder().decode(value),
  )!;
  hangUp.abort();
  await vi.waitFor(
    async () => {
      const run = await chat.openai.beta.threads.runs.retrieve(runId!, { thread_id: threadId! });
      expect(run.status).toBe('cancelled');
    },
    { interval: 5 },
  );
  await chat.close();
});

it('cancels the body of every client that leaves, and asks for no more than it takes', async () => {
  let open = 0;
  let produced = 0;
  const origin = await listen(() => {
    open += 1;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          produced += 1;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
        cancel() {
          open -= 1;
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(stream);
  });
  const clients = Array.from({ length: 50 }, () => new AbortController());
  const responses = await Promise.all(clients.map(({ signal }) => fetch(origin, { signal })));
  expect(responses.map(({ status }) => status)).toEqual(clients.map(() => 200));
  await vi.waitFor(() => expect(open).toBe(50));
  for (const client of clients) client.abort();
  await vi.waitFor(() => expect(open).toBe(0));
  expect(produced).toBeLessThan(50 * 200);
});

it.each(['chat.test/other?', 'chat.test#', 'a@chat.test', 'chat.test\\x', 'chat test'])(
  'refuses the host %j, which would change the address',
  async (host) => {
    const asked: string[] = [];
    const origin = await listen((request) => {
      asked.push(request.url);
      return new Response('ok');
    });
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    get(`${origin}/real`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    expect([await promise, asked]).toEqual([400, []]);
  },
);

it('answers 500 without a word when the handler fails', async () => {
  const origin = await listen(() => {
    throw new Error('canary');
  });
  const response = await fetch(origin);
  expect([response.status, await response.text()]).toEqual([500, '']);
});
