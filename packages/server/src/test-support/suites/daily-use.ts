import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readStream } from '../read-stream.ts';
import { startRuntimeChat } from '../runtime-chat.ts';
import type { ChatRequest, RuntimeChat } from '../runtime-chat.ts';
import type { Runtime } from '../runtimes.ts';

/** A visitor who does what visitors do. */
export function dailyUse(runtime: Runtime): void {
  let chat: RuntimeChat;
  let cookie = '';
  let threadId = '';
  beforeAll(async () => {
    chat = await startRuntimeChat(runtime, {
      turns: [
        (prompt) =>
          JSON.stringify(prompt).includes('Wait') ? { parts: [{ text: 'So' }, { hang: true }] } : 'Hello!',
      ],
      hasUsers: false,
      onDisconnect: 'cancel',
      limits: { maxFileSize: 1_000_000 },
    });
  });
  afterAll(() => chat.close());

  const send = (method: string, path: string, { headers, ...request }: ChatRequest = {}) =>
    chat.send(method, path, { ...request, headers: { ...(cookie !== '' && { cookie }), ...headers } });
  const say = (text: string, more: object = {}) => {
    const message = { role: 'user', parts: [{ type: 'text', text }] };
    return send('POST', '', { json: { threadId: null, message, ...more } });
  };

  it('is given a cookie and a streamed answer, and told both again', async () => {
    const response = await say('Hi');
    cookie = /assistant_visitor_\w+=[^;]+/.exec(response.headers.get('set-cookie')!)![0];
    const { message, text } = await readStream(response);
    expect(text).toBe('Hello!');
    threadId = message.metadata!.threadId!;
    const history = (await (await send('GET', `/threads/${threadId}`)).json()) as { messages: unknown[] };
    expect(history.messages.slice(1)).toEqual([message]);
    expect(await (await send('GET', '/threads')).json()).toMatchObject({
      threads: [{ id: threadId, title: 'Hi' }],
    });
    expect((await chat.send('GET', `/threads/${threadId}`)).status).toBe(404);
  });

  it('cancels a run by its route, and where that can be seen by leaving', async () => {
    const begin = async () => {
      const reader = (await say('Wait')).body!.getReader();
      let seen = '';
      while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
      return { id: /thread_\w+/.exec(seen)![0], reader };
    };
    const first = await begin();
    const cancelled = await send('POST', `/threads/${first.id}/cancel`, { json: {} });
    expect(await cancelled.json()).toMatchObject({ run: { status: 'cancelled' } });
    await first.reader.cancel();
    if (!runtime.noticesLeaving) return;
    const second = await begin();
    await second.reader.cancel();
    await vi.waitFor(
      async () => {
        const { data } = await chat.engine.openai().beta.threads.runs.list(second.id);
        expect(data[0]!.status).toBe('cancelled');
      },
      { timeout: 10_000, interval: 10 },
    );
  });

  it('uploads a file, but none that is too large, and has a piece of it back', async () => {
    const upload = (content: string) => {
      const form = new FormData();
      form.set('file', new File([content], 'a.txt'));
      return send('POST', '/files', { form });
    };
    const kept = await upload('0123456789'.repeat(20_000));
    const file = (await kept.json()) as { id: string };
    expect([kept.status, file]).toMatchObject([
      201,
      { name: 'a.txt', mediaType: 'text/plain', size: 200_000 },
    ]);
    const piece = await send('GET', `/files/${file.id}`, { headers: { range: 'bytes=199995-' } });
    expect([piece.status, await piece.text()]).toEqual([206, '56789']);
    const large = await upload('x'.repeat(1_000_001));
    expect([large.status, await large.json()]).toMatchObject([413, { error: { code: 'file_too_large' } }]);
    expect((await send('DELETE', `/files/${file.id}`)).status).toBe(204);
    expect((await send('GET', `/files/${file.id}`)).status).toBe(404);
  });
}
