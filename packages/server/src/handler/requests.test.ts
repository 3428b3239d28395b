import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';
import { createAssistantHandler, routes } from './create-assistant-handler.ts';

describe('requests', () => {
  let chat: Chat;
  beforeAll(() => {
    chat = startChat({
      turns: [() => 'Fine.'],
      limits: { maxFileSize: 1000, maxFiles: 2, accept: ['text/*', 'image/png'] },
    });
  });
  afterAll(() => chat.close());

  const form = (...files: File[]) => {
    const data = new FormData();
    for (const file of files) data.append('file', file);
    return data;
  };

  describe('for uploads', () => {
    it('answer with a signed id, the sniffed type and a clean name', async () => {
      const response = await chat.send('POST', '/files', {
        form: form(new File(['a,b\n'], '../..\u202E/etc/ta\nble.csv')),
      });
      expect(response.status).toBe(201);
      const file = await response.json();
      expect(file).toMatchObject({ mediaType: 'text/csv', size: 4, url: `/api/assistant/files/${file.id}` });
      expect(Object.keys(file).sort()).toEqual(['id', 'mediaType', 'name', 'size', 'url']);
      expect(file.name).toMatch(/^[^/\\\n]*ble\.csv$/);
    });

    it.each([
      ['too large', () => form(new File(['x'.repeat(1001)], 'a.txt')), 413, 'file_too_large'],
      ['far too large', () => form(new File(['x'.repeat(200_000)], 'a.txt')), 413, 'file_too_large'],
      [
        'of a type that is not accepted',
        () => form(new File(['%PDF-1.7 text'], 'a.txt')),
        415,
        'file_type_refused',
      ],
      ['empty', () => form(new File([], 'a.txt')), 400, 'bad_request'],
      ['missing', () => form(), 400, 'bad_request'],
      ['two', () => form(new File(['a'], 'a.txt'), new File(['b'], 'b.txt')), 413, 'too_many_files'],
    ])('that are %s are refused', async (_, make, status, code) => {
      const response = await chat.send('POST', '/files', { form: make() });
      expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
    });

    it('exactly at the limit are taken', async () => {
      const response = await chat.send('POST', '/files', {
        form: form(new File(['x'.repeat(1000)], 'a.txt')),
      });
      expect(response.status).toBe(201);
    });

    it('stop being read soon after the limit, whatever length they claim', async () => {
      let read = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          read += 10_000;
          controller.enqueue(new Uint8Array(10_000));
        },
      });
      const request = new Request('http://chat.test/api/assistant/files', {
        method: 'POST',
        body,
        duplex: 'half',
        headers: { 'x-user': 'alice', 'content-type': 'multipart/form-data; boundary=x' },
      } as RequestInit);
      expect((await chat.handler.POST(request)).status).toBe(413);
      expect(read).toBeLessThan(1000 + 2 * 65_536);
    });

    it('that are no multipart at all are refused', async () => {
      const headers = { 'content-type': 'multipart/form-data; boundary=x' };
      const response = await chat.send('POST', '/files', { body: 'nonsense', headers });
      expect(response.status).toBe(400);
    });

    it('can be deleted', async () => {
      const { id } = await chat.upload('a.txt', 'hello');
      expect((await chat.send('DELETE', `/files/${id}`)).status).toBe(204);
      expect((await chat.send('GET', `/files/${id}`)).status).toBe(404);
    });
  });

  describe('with files in a message', () => {
    const say = (parts: object[]) =>
      chat.send('POST', '', { body: { threadId: null, message: { id: 'm1', role: 'user', parts } } });

    it('attach them, and the history shows them again', async () => {
      const { url } = await chat.upload('a.csv', 'a,b\n');
      const parts = [
        { type: 'text', text: 'Look' },
        { type: 'file', url, mediaType: 'text/csv', filename: 'a.csv' },
      ];
      const { message } = await readStream(await say(parts));
      const { messages } = await (await chat.send('GET', `/threads/${message.metadata!.threadId}`)).json();
      expect(messages[0]).toMatchObject({ id: 'm1', role: 'user', parts });
    });

    it('take data URLs, also without a text', async () => {
      const { message } = await readStream(
        await say([
          { type: 'file', url: 'data:text/csv;base64,YSxiCg==', mediaType: 'text/csv', filename: 'b.csv' },
        ]),
      );
      const { messages } = await (await chat.send('GET', `/threads/${message.metadata!.threadId}`)).json();
      expect(messages[0].parts).toMatchObject([{ type: 'file', filename: 'b.csv', mediaType: 'text/csv' }]);
      expect(
        await (await chat.send('GET', messages[0].parts[0].url.slice('/api/assistant'.length))).text(),
      ).toBe('a,b\n');
    });

    it.each([
      ['elsewhere', { url: 'https://evil.test/x.csv' }, 404],
      ['a path that cannot be decoded', { url: '/api/assistant/files/%E0%A4' }, 404],
      ['inside this machine', { url: 'http://169.254.169.254/files/x' }, 404],
      ['broken', { url: 'data:text/plain;base64,%%%' }, 400],
    ])('never fetch one from %s', async (_, part, status) => {
      expect((await say([{ type: 'file', ...part }])).status).toBe(status);
    });

    it('leave nothing behind when there is no such thread', async () => {
      const stored = async () => (await chat.openai.files.list()).data.length;
      const before = await stored();
      const part = { type: 'file', url: 'data:text/csv;base64,YSxiCg==', mediaType: 'text/csv' };
      const message = { id: 'm1', role: 'user', parts: [part] };
      const response = await chat.send('POST', '', { body: { threadId: 'thread_missing', message } });
      expect(response.status).toBe(404);
      expect(await stored()).toBe(before);
    });

    it.each([
      ['is too large', { type: 'file', url: `data:text/plain,${'x'.repeat(1001)}` }, 413],
      ['is of a refused type', { type: 'file', url: 'data:text/plain,%25PDF-1.7' }, 415],
      ['cannot be read', { type: 'file', url: 'data:text/plain;base64,%%%' }, 400],
      ['is not theirs', { type: 'file', url: '/api/assistant/files/file-x~y' }, 404],
    ])('leave nothing behind when one of them %s', async (_, bad, status) => {
      const stored = async () => (await chat.openai.files.list()).data.length;
      const before = await stored();
      const good = { type: 'file', url: 'data:text/csv;base64,YSxiCg==' };
      expect((await say([good, bad])).status).toBe(status);
      expect(await stored()).toBe(before);
    });

    it('leave nothing behind when the server takes only one of them, or the thread is busy', async () => {
      const { openai } = chat;
      let left = 1;
      const files = Object.assign(Object.create(openai.files) as typeof openai.files, {
        create: (...given: Parameters<typeof openai.files.create>) => {
          if ((left -= 1) < 0) throw new Error('canary-files');
          return openai.files.create(...given);
        },
      });
      const full = startChat({
        turns: [{ parts: [{ text: 'x' }, { hang: true }] }],
        openai: Object.assign(Object.create(openai) as typeof openai, { files }),
      });
      const stored = async () => (await openai.files.list()).data.length;
      const before = await stored();
      const part = { type: 'file', url: 'data:text/csv;base64,YSxiCg==' };
      const message = { role: 'user', parts: [part, part] };
      const refused = await full.send('POST', '', { body: { threadId: null, message } });
      expect(refused.status).toBe(500);
      expect(await stored()).toBe(before);
      await full.close();

      const busy = startChat({ turns: [{ parts: [{ text: 'x' }, { hang: true }] }] });
      const reader = (await busy.say('Hi')).body!.getReader();
      const threadId = /thread_\w+/.exec(new TextDecoder().decode((await reader.read()).value))![0];
      const second = await busy.send('POST', '', { body: { threadId, message } });
      expect(second.status).toBe(409);
      expect((await busy.openai.files.list()).data).toEqual([]);
      await reader.cancel();
      await busy.close();
    });

    it('take no more than are allowed', async () => {
      const { url } = await chat.upload('a.csv', 'a,b\n');
      const response = await say([1, 2, 3].map(() => ({ type: 'file', url })));
      expect([response.status, await response.json()]).toMatchObject([
        413,
        { error: { code: 'too_many_files' } },
      ]);
    });
  });

  describe('that are wrong', () => {
    it.each([
      ['no JSON', { body: undefined, headers: { 'content-type': 'application/json' } }],
      ['a list', { body: [] }],
      ['nothing', { body: {} }],
      ['an empty message', { body: { threadId: null, message: { role: 'user', parts: [] } } }],
      ['an empty message of the v4 client', { body: { threadId: null, message: ' \n' } }],
      [
        'a text that is too long',
        {
          body: {
            threadId: null,
            message: { role: 'user', parts: [{ type: 'text', text: 'x'.repeat(256_001) }] },
          },
        },
      ],
      ['a message of the assistant', { body: { threadId: null, message: { role: 'assistant', parts: [] } } }],
      ['parts that are none', { body: { threadId: null, message: { role: 'user', parts: [1, null, 'x'] } } }],
      [
        'text that is none',
        { body: { threadId: null, message: { role: 'user', parts: [{ type: 'text', text: 5 }] } } },
      ],
      ['a form', { body: { threadId: null, message: 'x' }, headers: { 'content-type': 'text/plain' } }],
    ])('with %s answer 400', async (_, init) => {
      const response = await chat.send('POST', '', init);
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: { code: 'bad_request' } },
      ]);
    });

    it('answer 404 for what is no route, and 405 for a method that a route has not', async () => {
      expect((await chat.send('GET', '/nothing/here')).status).toBe(404);
      expect((await chat.send('PATCH', '/files')).status).toBe(405);
      const outside = new Request('http://chat.test/api/assistants', { headers: { 'x-user': 'alice' } });
      expect((await chat.handler.GET(outside)).status).toBe(404);
    });
  });

  it('by HEAD are told what GET would say, and given no body', async () => {
    const { url } = await chat.upload('a.csv', 'a,b\n');
    const ask = (method: string) =>
      chat.handler.GET(new Request(`http://chat.test${url}`, { method, headers: { 'x-user': 'alice' } }));
    const [head, get] = [await ask('HEAD'), await ask('GET')];
    expect([head.status, [...head.headers]]).toEqual([200, [...get.headers]]);
    expect([await head.text(), await get.text()]).toEqual(['', 'a,b\n']);
  });

  describe('that meet a broken hook', () => {
    const fail = (): never => {
      throw new Error('canary-hook');
    };
    const broken = { openai: chatlessClient, assistant: 'asst_1', secret: 'x' };
    function chatlessClient(): never {
      throw new Error('canary-hook');
    }

    it.each([
      ['authorize', { ...broken, authorize: fail }],
      ['openai', broken],
      ['onError', { ...broken, onError: fail }],
    ])('in %s tell nothing of it', async (_, options) => {
      const handler = createAssistantHandler(options);
      for (const { method, path } of routes) {
        const response = await handler[method](
          new Request(`http://chat.test/api/assistant/${path}`, { method }),
        );
        expect([path, response.status]).toEqual([path, 500]);
        expect(await response.text()).not.toContain('canary');
      }
    });
  });

  it('without authorize are those of a visitor, who is given a cookie and keeps his thread by it', async () => {
    const handler = createAssistantHandler({
      openai: chat.openai,
      assistant: { name: 'Visitors', model: 'scripted' },
      secret: 'x',
    });
    const headers = { 'content-type': 'application/json' };
    const message = { role: 'user', parts: [{ type: 'text', text: 'Hi' }] };
    const body = JSON.stringify({ threadId: null, message });
    const address = 'http://chat.test/api/assistant';
    const response = await handler.POST(new Request(address, { method: 'POST', headers, body }));
    const cookie = response.headers.get('set-cookie')!.split(';')[0]!;
    const answer = await readStream(response);
    const url = `${address}/threads/${answer.message.metadata!.threadId}`;
    expect((await handler.GET(new Request(url, { headers: { cookie } }))).status).toBe(200);
    expect((await handler.GET(new Request(url))).status).toBe(404);
  });
});
