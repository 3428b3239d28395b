import type { AssistantMessage } from '@use-assistant/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

let chat: Chat;
afterEach(() => chat.close());

interface Part {
  messages: AssistantMessage[];
  previous: string | null;
  run: { id: string } | null;
  thread: { updatedAt: number };
}

async function part(threadId: string, query = ''): Promise<Part> {
  const response = await chat.send('GET', `/threads/${threadId}${query}`);
  expect(response.status).toBe(200);
  return response.json();
}

/** A thread with answers of one and of several messages, one that failed, and notes without an answer. */
async function talk(): Promise<string> {
  let turn = 0;
  chat = startChat({
    turns: [
      () => {
        turn += 1;
        if (turn === 3) return { error: new Error('broken') };
        return turn % 2 === 0 ? { parts: [{ text: `Answer ${turn}.` }] } : `Answer ${turn}.`;
      },
    ],
  });
  let threadId: string | undefined;
  for (let index = 0; index < 7; index += 1) {
    const { message } = await readStream(await chat.say(`question ${index}`, threadId ?? null));
    threadId = message.metadata!.threadId!;
    if (index === 4) await chat.say('a note', threadId, { trigger: 'append-message' });
  }
  return threadId!;
}

describe('the history', () => {
  it('comes whole when it is short, and in parts that fit together exactly, of any size', async () => {
    const threadId = await talk();
    const whole = await part(threadId);
    expect(whole.previous).toBeNull();
    expect(whole.messages).toHaveLength(15);
    for (const limit of [1, 2, 3, 4, 5, 9, 14, 15, 100]) {
      const told: AssistantMessage[] = [];
      let before: string | null = null;
      do {
        const next: Part = await part(
          threadId,
          `?limit=${limit}${before === null ? '' : `&before=${before}`}`,
        );
        expect(next.run?.id).toBe(whole.run!.id);
        expect(next.thread.updatedAt).toBe(whole.thread.updatedAt);
        expect(next.messages[0]?.role).toBe('user');
        told.unshift(...next.messages);
        before = next.previous;
      } while (before !== null);
      expect([limit, told]).toEqual([limit, whole.messages]);
    }
  });

  it('of a long thread asks the server for no more than a page', async () => {
    chat = startChat({ turns: ['Fine.'] });
    const { message } = await readStream(await chat.say('Hi'));
    const threadId = message.metadata!.threadId!;
    for (let index = 0; index < 250; index += 1) {
      await chat.openai.beta.threads.messages.create(threadId, { role: 'user', content: `${index}` });
    }
    const asked: string[] = [];
    const { fetch } = chat.engine;
    const counted = chat.openai.withOptions({
      fetch: (input, init) => {
        asked.push(new URL(String(input)).pathname.split('/').slice(4).join('/'));
        return fetch(input, init);
      },
    });
    const watched = startChat({ turns: [], openai: counted });
    const response = await watched.send('GET', `/threads/${threadId}`);
    const { messages, previous } = (await response.json()) as Part;
    expect([messages.length, previous]).toEqual([100, expect.any(String)]);
    expect(asked.sort()).toEqual(['', 'messages', 'runs']);
    await watched.close();
  });

  it.each([
    '?limit=0',
    '?limit=101',
    '?before=',
    '?before=x',
    '?before=msg_x.1',
    '?before=msg_x.1.run_x',
    '?before=..',
  ])('answers 400 to %s', async (query) => {
    chat = startChat({ turns: ['Fine.'] });
    const { message } = await readStream(await chat.say('Hi'));
    const response = await chat.send('GET', `/threads/${message.metadata!.threadId}${query}`);
    expect([response.status, await response.json()]).toMatchObject([400, { error: { code: 'bad_request' } }]);
  });

  it('has no place in it for the cursors of another thread', async () => {
    const threadId = await talk();
    const { previous } = await part(threadId, '?limit=2');
    const other = await readStream(await chat.say('elsewhere'));
    const response = await chat.send(
      'GET',
      `/threads/${other.message.metadata!.threadId}?before=${previous}`,
    );
    expect(response.status).toBe(400);
  });
});
