import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEngine, sqlite } from '@use-assistant/engine';
import type { Engine } from '@use-assistant/engine';
import { scriptedModel } from '@use-assistant/test-kit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toNodeListener } from './node.ts';
import { fakePython } from './test-support/fake-python.ts';
import { readStream } from './test-support/read-stream.ts';
import { runtimes } from './test-support/runtimes.ts';
import type { Runtime, RuntimeRequest } from './test-support/runtimes.ts';

let engine: Engine;
let server: Server;
let address = '';

beforeAll(async () => {
  engine = createEngine({
    model: scriptedModel([
      (prompt) =>
        JSON.stringify(prompt).includes('Wait') ? { parts: [{ text: 'So' }, { hang: true }] } : 'Hello!',
    ]),
    storage: sqlite(':memory:'),
    codeInterpreter: fakePython(() => {}),
    log: () => {},
  });
  server = createServer(toNodeListener((request) => engine.fetch(request)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await engine.close();
});

describe.each(Object.entries(runtimes))('in %s the handler', (_, open) => {
  let runtime: Runtime;
  let cookie = '';
  let threadId = '';
  beforeAll(async () => {
    runtime = await open(address);
  }, 60_000);
  afterAll(() => runtime?.close());

  const send = (path: string, { headers, ...request }: RuntimeRequest = {}) =>
    runtime.send(`http://chat.test/api/assistant${path}`, {
      ...request,
      headers: { ...(cookie !== '' && { cookie }), ...headers },
    });
  const post = (path: string, body: object) =>
    send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const say = (text: string, more: object = {}) =>
    post('', {
      threadId: null,
      message: { id: 'm', role: 'user', parts: [{ type: 'text', text }] },
      ...more,
    });
  /** A response of this realm, whose readers know its bytes. */
  const read = async (response: Response) =>
    readStream(new Response(await response.text(), { headers: [...response.headers] }));

  it('gives a visitor a cookie and a streamed answer, and tells both again', async () => {
    const response = await say('Hi');
    cookie = /assistant_visitor_\w+=[^;]+/.exec(response.headers.get('set-cookie')!)![0];
    const { message, text } = await read(response);
    expect(text).toBe('Hello!');
    threadId = message.metadata!.threadId!;
    const history = (await (await send(`/threads/${threadId}`)).json()) as { messages: unknown[] };
    expect(history.messages.slice(1)).toEqual([message]);
    expect(await (await send('/threads')).json()).toMatchObject({ threads: [{ id: threadId, title: 'Hi' }] });
    const stranger = await runtime.send(`http://chat.test/api/assistant/threads/${threadId}`);
    expect(stranger.status).toBe(404);
  });

  it('resumes a run that is over from any place of it', async () => {
    const whole = await (await say('Hi', { threadId })).text();
    const ids = [...whole.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!);
    const rest = await send(`/threads/${threadId}/stream`, { headers: { 'last-event-id': ids[2]! } });
    expect(await rest.text()).toBe(whole.slice(whole.indexOf('\n\n', whole.indexOf(ids[2]!)) + 2));
  });

  it('cancels a run by its route, and where that can be seen when its reader leaves', async () => {
    const isOver = (id: string) =>
      vi.waitFor(
        async () => {
          const { data } = await engine.openai().beta.threads.runs.list(id);
          expect(data[0]!.status).toBe('cancelled');
        },
        { timeout: 10_000, interval: 10 },
      );
    const begin = async () => {
      const reader = (await say('Wait')).body!.getReader();
      let seen = '';
      while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
      return { id: /thread_\w+/.exec(seen)![0], reader };
    };
    const first = await begin();
    const cancelled = await post(`/threads/${first.id}/cancel`, {});
    expect(await cancelled.json()).toMatchObject({ run: { status: 'cancelled' } });
    await first.reader.cancel();
    if (!runtime.noticesLeaving) return;
    const second = await begin();
    await second.reader.cancel();
    await isOver(second.id);
  });

  it('takes an upload, refuses one that is too large, and gives back a piece', async () => {
    const upload = (content: string) =>
      send('/files', {
        method: 'POST',
        headers: { 'content-type': 'multipart/form-data; boundary=b' },
        body: `--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n${content}\r\n--b--\r\n`,
      });
    const kept = await upload('0123456789'.repeat(20_000));
    const file = (await kept.json()) as { id: string };
    expect([kept.status, file]).toMatchObject([
      201,
      { name: 'a.txt', mediaType: 'text/plain', size: 200_000 },
    ]);
    const piece = await send(`/files/${file.id}`, { headers: { range: 'bytes=199995-' } });
    expect([piece.status, await piece.text()]).toEqual([206, '56789']);
    expect(piece.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'");
    const large = await upload('x'.repeat(1_000_001));
    expect([large.status, await large.json()]).toMatchObject([413, { error: { code: 'file_too_large' } }]);
    expect((await send(`/files/${file.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await send(`/files/${file.id}`)).status).toBe(404);
  });
});
