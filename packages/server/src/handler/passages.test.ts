import { afterEach, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

let chat: Chat;
afterEach(() => chat.close());

const turns = [{ parts: [{ call: 'file_search', input: { query: 'tortoise' } }] }, 'It is slow.'];

async function ask() {
  const { url } = await chat.upload('animals.txt', 'The tortoise is slow. It lives long.');
  const parts = [
    { type: 'text', text: 'How fast is a tortoise?' },
    { type: 'file', url, mediaType: 'text/plain', filename: 'animals.txt' },
  ];
  const body = { threadId: null, message: { id: 'm', role: 'user', parts } };
  const response = await chat.send('POST', '', { body });
  const wire = await response.clone().text();
  const { message, frames } = await readStream(response);
  const { threadId } = message.metadata!;
  const history = await (await chat.send('GET', `/threads/${threadId}`)).json();
  const headers = { 'last-event-id': frames[0]!.id! };
  const resumed = await (await chat.send('GET', `/threads/${threadId}/stream`, { headers })).text();
  return { message, history, wire, resumed };
}

it('a search shows what it has found, also in the history and to who comes back', async () => {
  chat = startChat({ turns });
  const { message, history, wire, resumed } = await ask();
  const found = message.parts.find(({ type }) => type === 'tool-file_search');
  expect(found).toMatchObject({
    output: {
      results: [
        {
          filename: 'animals.txt',
          score: expect.any(Number),
          text: expect.stringContaining('The tortoise is slow.'),
        },
      ],
    },
  });
  expect(history.messages[1]).toEqual(message);
  expect(wire.endsWith(resumed)).toBe(true);
  expect(resumed).toContain('The tortoise is slow.');
});

it('a search names only the files when that is wished', async () => {
  chat = startChat({ turns, showPassages: false });
  const { message, history, wire } = await ask();
  expect(wire).not.toContain('The tortoise');
  expect(message.parts[0]).toMatchObject({ output: { results: [{ filename: 'animals.txt' }] } });
  expect(history.messages[1]).toEqual(message);
});
