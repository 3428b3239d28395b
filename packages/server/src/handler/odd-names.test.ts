import { afterEach, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

let chat: Chat;
afterEach(() => chat.close());

/** Half of a pair of UTF-16: no text, and nothing that an address can hold. */
const half = '\uD83D';

it('shows an answer whose link holds half a character, also in the history', async () => {
  chat = startChat({ turns: [`See (sandbox:/mnt/data/${half}.csv).`] });
  const { message, text } = await readStream(await chat.say('Go'));
  const { threadId } = message.metadata!;
  expect(text).toBe(`See (/api/assistant/threads/${threadId}/files/%EF%BF%BD.csv).`);
  const history = await chat.send('GET', `/threads/${threadId}`);
  expect((await history.json()).messages.at(-1).parts).toEqual(message.parts);
});

it('sends a file whose name holds half a character', async () => {
  chat = startChat({ turns: [] });
  const { openai } = chat;
  const files = Object.assign(Object.create(openai.files) as typeof openai.files, {
    retrieve: async (id: string) => ({ ...(await openai.files.retrieve(id)), filename: `${half}.txt` }),
  });
  const odd = startChat({
    turns: [],
    openai: Object.assign(Object.create(openai) as typeof openai, { files }),
  });
  const { id } = await chat.upload('a.txt', 'text');
  const response = await odd.send('GET', `/files/${id}`);
  expect([response.status, await response.text()]).toEqual([200, 'text']);
  expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%EF%BF%BD.txt");
  await odd.close();
});

it.each(['.', '..', half, `run_${half}`, '\0'])('finds no run of the name %j', async (runId) => {
  chat = startChat({ turns: ['Hello'] });
  const { message } = await readStream(await chat.say('Go'));
  const { threadId } = message.metadata!;
  const bodies: [string, object][] = [
    [`/threads/${threadId}/tool-outputs`, { runId, outputs: [] }],
    ['', { messages: [{ id: runId, role: 'assistant', parts: [], metadata: { threadId } }] }],
    ['', { threadId, trigger: 'regenerate-message', messageId: runId }],
  ];
  for (const [path, body] of bodies) {
    const response = await chat.send('POST', path, { body });
    expect([path, response.status]).toEqual([path, 404]);
  }
});
