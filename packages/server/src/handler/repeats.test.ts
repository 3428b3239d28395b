import { tool } from 'ai';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startChat } from '../test-support/chat.ts';
import type { Chat, ChatOptions } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

const chats: Chat[] = [];
afterEach(async () => {
  await Promise.all(chats.splice(0).map((chat) => chat.close()));
});

let asked = 0;
/** A chat whose model counts what it is asked. */
function start(options: Partial<ChatOptions> = {}): Chat {
  asked = 0;
  const chat = startChat({ turns: [() => `Answer ${(asked += 1)}.`], ...options });
  chats.push(chat);
  return chat;
}

/** Another process with the same engine. */
function another(chat: Chat): Chat {
  const other = startChat({ turns: [], openai: chat.openai });
  chats.push(other);
  return other;
}

const user = (id: string, text = 'Hi') => ({ id, role: 'user', parts: [{ type: 'text', text }] });
const post = (chat: Chat, threadId: string | null, id: string, more: object = {}) =>
  chat.send('POST', '', { body: { threadId, message: user(id), ...more } });

/** The ids of all messages of a thread. */
async function idsOf(chat: Chat, threadId: string): Promise<string[]> {
  const { messages } = (await (await chat.send('GET', `/threads/${threadId}`)).json()) as {
    messages: { id: string }[];
  };
  return messages.map(({ id }) => id);
}

async function begin(chat: Chat): Promise<string> {
  const { message } = await readStream(await post(chat, null, 'first'));
  return message.metadata!.threadId!;
}

describe('a message that comes again', () => {
  it('after its run has ended is answered with the same run, from its start', async () => {
    const chat = start();
    const threadId = await begin(chat);
    const wire = await (await post(chat, threadId, 'm')).text();
    expect(await (await post(chat, threadId, 'm')).text()).toBe(wire);
    expect(await (await post(another(chat), threadId, 'm')).text()).toBe(wire);
    expect(asked).toBe(2);
    expect(await idsOf(chat, threadId)).toHaveLength(4);
  });

  it('while its run goes on follows that', async () => {
    const gate = Promise.withResolvers<void>();
    const chat = start({
      turns: ['Hello.', { parts: [{ text: 'on' }, { wait: gate.promise }, { text: 'wards' }] }],
    });
    const threadId = await begin(chat);
    const first = await post(chat, threadId, 'm');
    const second = await post(another(chat), threadId, 'm');
    gate.resolve();
    expect(
      await Promise.all([first, second].map(async (response) => (await readStream(response)).text)),
    ).toEqual(['onwards', 'onwards']);
    expect(await idsOf(chat, threadId)).toHaveLength(4);
  });

  it.each(['in one process', 'in two'])(
    'at the same moment %s is one message with one run',
    async (where) => {
      const gate = Promise.withResolvers<void>();
      const chat = start({
        turns: ['Hello.', { parts: [{ text: 'on' }, { wait: gate.promise }, { text: 'wards' }] }],
      });
      const threadId = await begin(chat);
      const other = where === 'in two' ? another(chat) : chat;
      const responses = await Promise.all([chat, other, chat, other].map((one) => post(one, threadId, 'm')));
      let waiting = responses.length;
      const told = await Promise.all(
        responses.map(async (response) => {
          let wire = '';
          const decoder = new TextDecoder();
          for await (const piece of response.body!) {
            const isFirst = !wire.includes('text-delta');
            wire += decoder.decode(piece, { stream: true });
            // The run goes on when all have seen it.
            if (isFirst && wire.includes('text-delta') && (waiting -= 1) === 0) gate.resolve();
          }
          return wire;
        }),
      );
      expect(new Set(told).size).toBe(1);
      expect(told[0]).toContain('"finishReason":"stop"');
      expect(await idsOf(chat, threadId)).toHaveLength(4);
    },
  );

  it('and begins a thread finds the thread that it has begun', async () => {
    const chat = start();
    const [one, two] = await Promise.all([post(chat, null, 'first'), post(chat, null, 'first')]);
    const told = [
      await one.text(),
      await two.text(),
      await (await post(another(chat), null, 'first')).text(),
    ];
    expect(new Set(told).size).toBe(1);
    const { threads } = await (await chat.send('GET', '/threads')).json();
    expect(threads).toHaveLength(1);
    expect(threads[0].metadata).toEqual({});
    expect(asked).toBe(1);
  });

  it('from somebody else, with another text or much later is another', async () => {
    const chat = start();
    const threadId = await begin(chat);
    const body = { threadId: null, message: user('first') };
    const foreign = await readStream(await chat.send('POST', '', { body, user: 'bob' }));
    expect(foreign.message.metadata!.threadId).not.toBe(threadId);
    const other = await readStream(
      await chat.send('POST', '', { body: { threadId, message: user('first', 'Else') } }),
    );
    expect(other.text).toBe('Answer 3.');
    const get = chat.openai.get.bind(chat.openai);
    chat.openai.get = (async (path: string, options: object) => {
      const page = (await get(path, options)) as { data: { created_at: number }[] };
      for (const thread of page.data) thread.created_at -= 3600;
      return page;
    }) as unknown as typeof get;
    const late = await readStream(await post(chat, null, 'first'));
    expect([threadId, foreign.message.metadata!.threadId]).not.toContain(late.message.metadata!.threadId);
  });

  it('is answered when nobody has answered it', async () => {
    const chat = start();
    const threadId = await begin(chat);
    await post(chat, threadId, 'm', { trigger: 'append-message' });
    const again = await post(chat, threadId, 'm', { trigger: 'append-message' });
    expect(again.status).toBe(204);
    expect((await readStream(await post(chat, threadId, 'm'))).text).toBe('Answer 2.');
    expect(await idsOf(chat, threadId)).toHaveLength(4);
  });

  it('with the wish for another answer, or in its own place, is answered anew', async () => {
    const chat = start();
    const threadId = await begin(chat);
    const first = await readStream(await post(chat, threadId, 'm'));
    const regenerated = await post(chat, threadId, 'm', {
      trigger: 'regenerate-message',
      messageId: first.message.id,
    });
    expect((await readStream(regenerated)).text).toBe('Answer 3.');
    // What is told again is the answer that stands.
    expect((await readStream(await post(chat, threadId, 'm'))).text).toBe('Answer 3.');
    const edited = await post(chat, threadId, 'm', { messageId: 'm' });
    expect((await readStream(edited)).text).toBe('Answer 4.');
    expect(await idsOf(chat, threadId)).toHaveLength(4);
  });

  it('as useChat sends it is told again, and so are the question that waits and what comes behind it', async () => {
    const chat = start();
    const messages = [user('a')];
    const send = (more: object[] = []) =>
      chat.send('POST', '', {
        body: { id: 'chat', messages: [...messages, ...more], trigger: 'submit-message' },
      });
    const first = await readStream(await send());
    expect((await readStream(await send())).message).toEqual(first.message);
    const next = await readStream(await send([first.message, user('b')]));
    expect((await readStream(await send([first.message, user('b')]))).message).toEqual(next.message);
    expect(asked).toBe(2);
  });

  it('while the first waits for its run, from a page that is left, waits no longer', async () => {
    const gate = Promise.withResolvers<void>();
    const chat = start();
    const { threads } = chat.openai.beta;
    const create = threads.create.bind(threads);
    const waiting = Promise.withResolvers<void>();
    threads.create = (async (...given: Parameters<typeof create>) => {
      waiting.resolve();
      await gate.promise;
      return create(...given);
    }) as unknown as typeof create;
    const first = post(chat, null, 'm');
    await waiting.promise;
    const leaving = new AbortController();
    const body = { threadId: null, message: user('m') };
    const second = chat.send('POST', '', { body, signal: leaving.signal });
    leaving.abort();
    expect((await second).status).toBe(499);
    gate.resolve();
    expect((await readStream(await first)).text).toBe('Answer 1.');
    expect(asked).toBe(1);
  });

  it('in its own place while that is answered is told that the thread is busy, not that it is gone', async () => {
    const gate = Promise.withResolvers<void>();
    const chat = start({
      turns: ['Hello.', { parts: [{ text: 'on' }, { wait: gate.promise }, { text: 'wards' }] }],
    });
    const threadId = await begin(chat);
    const edits = await Promise.all([1, 2].map(() => post(chat, threadId, 'first', { messageId: 'first' })));
    // Which of them comes first is anybody's guess.
    const [taken, refused] = edits.sort((one, other) => one.status - other.status);
    expect([taken!.status, refused!.status]).toEqual([200, 409]);
    gate.resolve();
    expect((await readStream(taken!)).text).toBe('onwards');
    expect(await idsOf(chat, threadId)).toHaveLength(2);
  });

  it('after the first could not begin its run begins it', async () => {
    const chat = start();
    const { runs } = chat.openai.beta.threads;
    const create = runs.create.bind(runs);
    let isFirst = true;
    runs.create = ((...given: Parameters<typeof create>) => {
      if (!isFirst) return create(...given);
      isFirst = false;
      throw new Error('The engine is restarting.');
    }) as unknown as typeof create;
    const [one, two] = await Promise.all([post(chat, null, 'm'), post(chat, null, 'm')]);
    expect(await one.text()).toContain('"code":"server_error"');
    const { message, text } = await readStream(two);
    expect(text).toBe('Answer 1.');
    expect(await idsOf(chat, message.metadata!.threadId!)).toEqual(['m', message.id]);
    const { threads } = await (await chat.send('GET', '/threads')).json();
    expect(threads).toHaveLength(1);
  });

  it('with files is one message with one of each; with other files under its id it is another', async () => {
    const chat = start();
    const send = async (data: string): Promise<string> => {
      const url = `data:text/plain;base64,${btoa(data)}`;
      const parts = [...user('m').parts, { type: 'file', url, mediaType: 'text/plain', filename: 'a.txt' }];
      const body = { threadId: null, message: { ...user('m'), parts } };
      return (await chat.send('POST', '', { body })).text();
    };
    const first = await send('one');
    expect(await send('one')).toBe(first);
    expect((await chat.openai.files.list()).data).toHaveLength(1);
    expect(await send('two')).not.toBe(first);
    expect(asked).toBe(2);
  });

  it('while its run waits to be allowed is asked the same question', async () => {
    const paint = tool({ inputSchema: z.object({}), needsApproval: true, execute: async () => 'painted' });
    const chat = start({ turns: [{ parts: [{ call: 'paint', input: {} }] }], tools: { paint } });
    const question = await (await post(chat, null, 'm')).text();
    expect(question).toContain('tool-approval-request');
    expect(await (await post(chat, null, 'm')).text()).toBe(question);
  });
});
