import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { toFastifyPlugin, toNodeListener } from './node.ts';
import { startChat } from './test-support/chat.ts';
import type { Chat } from './test-support/chat.ts';
import { readStream } from './test-support/read-stream.ts';

interface Site {
  origin: string;
  close(): Promise<unknown>;
}

async function listen(server: Server): Promise<Site> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const sites: Record<string, (chat: Chat) => Promise<Site>> = {
  'plain http': (chat) => listen(createServer(toNodeListener(chat.handler))),
  Express: (chat) => {
    const app = express();
    app.use('/api/assistant', toNodeListener(chat.handler));
    return listen(createServer(app));
  },
  'Express that has read the JSON': (chat) => {
    const app = express();
    app.use(express.json());
    app.use('/api/assistant', toNodeListener(chat.handler));
    return listen(createServer(app));
  },
  Fastify: async (chat) => {
    const app = fastify();
    await app.register(toFastifyPlugin(chat.handler), { prefix: '/api/assistant' });
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    return {
      origin,
      close: () => {
        app.server.closeAllConnections();
        return app.close();
      },
    };
  },
};

const headers = { 'x-user': 'alice', 'content-type': 'application/json' };
const body = JSON.stringify({
  threadId: null,
  message: { role: 'user', parts: [{ type: 'text', text: 'Hi' }] },
});

describe.each(Object.entries(sites))('%s', (_, open) => {
  let chat: Chat;
  let site: Site;
  let address = '';
  beforeEach(async () => {
    chat = startChat({
      turns: [() => ({ parts: [{ text: 'Hello' }, { hang: true }] })],
      onDisconnect: 'cancel',
      limits: { maxFileSize: 100_000 },
    });
    site = await open(chat);
    address = `${site.origin}/api/assistant`;
  });
  afterEach(() => Promise.all([site.close(), chat.close()]));

  /** Reads until the answer has begun. */
  async function begin(signal?: AbortSignal): Promise<{ threadId: string; runId: string }> {
    const response = await fetch(address, { method: 'POST', headers, body, ...(signal && { signal }) });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const reader = response.body!.getReader();
    let seen = '';
    while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
    const [, threadId, runId] = /"threadId":"(thread_\w+)","runId":"(run_\w+)"/.exec(seen)!;
    return { threadId: threadId!, runId: runId! };
  }

  it('streams while the run goes on, and cancels it when the client hangs up', async () => {
    const hangUp = new AbortController();
    const { threadId, runId } = await begin(hangUp.signal);
    hangUp.abort();
    await vi.waitFor(
      async () => {
        const run = await chat.openai.beta.threads.runs.retrieve(runId, { thread_id: threadId });
        expect(run.status).toBe('cancelled');
      },
      { timeout: 5000, interval: 5 },
    );
  });

  it('serves every kind of route: cancel, history, list, rename, delete, resume, files, and 404', async () => {
    const { threadId } = await begin();
    const send = (method: string, path: string, json?: object) =>
      fetch(`${address}${path}`, { method, headers, ...(json && { body: JSON.stringify(json) }) });
    const resumed = await send('GET', `/threads/${threadId}/stream`);
    const cancelled = await send('POST', `/threads/${threadId}/cancel`, {});
    expect(await cancelled.json()).toMatchObject({ run: { status: 'cancelled' } });
    expect((await readStream(resumed)).text).toBe('Hello');
    await send('PATCH', `/threads/${threadId}`, { title: 'Greeting' });
    expect(await (await send('GET', '/threads')).json()).toMatchObject({ threads: [{ title: 'Greeting' }] });
    expect(await (await send('GET', `/threads/${threadId}`)).json()).toMatchObject({
      thread: { id: threadId },
    });
    expect((await send('DELETE', `/threads/${threadId}`)).status).toBe(204);
    expect((await send('GET', `/threads/${threadId}`)).status).toBe(404);
    const form = new FormData();
    form.set('file', new File(['0123456789'], 'a.txt'));
    const upload = await fetch(`${address}/files`, {
      method: 'POST',
      headers: { 'x-user': 'alice' },
      body: form,
    });
    const { id } = (await upload.json()) as { id: string };
    const range = { range: 'bytes=2-4', 'x-user': 'alice' };
    const piece = await fetch(`${address}/files/${id}`, { headers: range });
    expect([piece.status, await piece.text()]).toEqual([206, '234']);
    expect((await send('GET', '/nothing')).status).toBe(404);
  });

  it('tells a client that is still sending why its upload is refused, and reads no further', async () => {
    const head =
      'POST /api/assistant/files HTTP/1.1\r\nHost: localhost\r\nX-User: alice\r\nTransfer-Encoding: chunked\r\n' +
      'Content-Type: multipart/form-data; boundary=b\r\n\r\n';
    const part = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n';
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => (answer += text));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => {});
    socket.write(head + chunk(part));
    const piece = chunk('x'.repeat(16_384));
    // Writes until the server takes no more, or has hung up.
    while (socket.writable && !answer.includes('\r\n\r\n')) {
      if (!socket.write(piece))
        await Promise.race([new Promise((done) => socket.once('drain', done)), closed]);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('file_too_large');
    expect((await chat.openai.files.list()).data).toEqual([]);
  });

  it('answers what is no web request, and lives on', async () => {
    const say = (text: string) =>
      new Promise<string>((resolve) => {
        const socket = connect(Number(new URL(site.origin).port), '127.0.0.1');
        let answer = '';
        socket.setEncoding('utf8').on('data', (piece: string) => (answer += piece));
        socket.on('error', () => {});
        socket.on('close', () => resolve(answer));
        socket.end(text);
      });
    const end = 'Connection: close\r\nX-User: alice\r\n\r\n';
    expect(await say(`GET /api/assistant/threads HTTP/1.1\r\nHost: a b\r\n${end}`)).toMatch(
      /^HTTP\/1\.1 400 /,
    );
    expect(await say(`TRACE /api/assistant/threads HTTP/1.1\r\nHost: a\r\n${end}`)).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
    expect(await say(`GET http://a/api/assistant/threads HTTP/1.1\r\nHost: a\r\n${end}`)).toMatch(
      /^HTTP\/1\.1 4\d\d /,
    );
    expect((await fetch(`${address}/threads`, { headers })).status).toBe(200);
  });
});
