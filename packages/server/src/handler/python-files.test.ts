import { afterEach, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';
import { readStream } from '../test-support/read-stream.ts';

let chat: Chat;
afterEach(() => chat.close());

/** Sends a message with new files; gives the response. */
async function send(threadId: string | null, ...names: string[]): Promise<Response> {
  const files = await Promise.all(names.map((name) => chat.upload(name, `content of ${name}`)));
  const parts = files.map(({ url, mediaType }) => ({ type: 'file', url, mediaType }));
  const body = { threadId, message: { id: names[0], role: 'user', parts } };
  return chat.send('POST', '', { body });
}

const names = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `f${from + index}.csv`);

async function pythonFiles(threadId: string): Promise<string[]> {
  const { tool_resources: resources } = await chat.openai.beta.threads.retrieve(threadId);
  const ids = resources?.code_interpreter?.file_ids ?? [];
  return Promise.all(ids.map(async (id) => (await chat.openai.files.retrieve(id)).filename));
}

it('a thread that Python has twenty files of takes more: those that came first make room', async () => {
  chat = startChat({ turns: [() => 'Read.'], limits: { maxFiles: 30 } });
  const first = await readStream(await send(null, ...names(0, 20)));
  const threadId = first.message.metadata!.threadId!;
  const next = await readStream(await send(threadId, ...names(20, 22)));
  expect(next.text).toBe('Read.');
  expect(await pythonFiles(threadId)).toEqual(names(2, 22));
  // What has left the list is still in its message.
  const history = await (await chat.send('GET', `/threads/${threadId}`)).json();
  expect(history.messages[0].parts).toHaveLength(20);
  expect(
    (await chat.send('GET', history.messages[0].parts[0].url.slice('/api/assistant'.length))).status,
  ).toBe(200);
});

it('a message with more files than Python takes is refused with the number', async () => {
  chat = startChat({ turns: [() => 'Read.'], limits: { maxFiles: 30 } });
  const refused = await send(null, ...names(0, 21));
  expect(refused.status).toBe(413);
  expect(await refused.json()).toEqual({
    error: { code: 'too_many_files', message: 'A message takes at most 20 files for Python.' },
  });
  // Nothing of it is left.
  expect(await (await chat.send('GET', '/threads')).json()).toMatchObject({ threads: [] });
});

it('a busy thread keeps its files', async () => {
  const gate = Promise.withResolvers<void>();
  chat = startChat({
    turns: [{ parts: [{ text: 'So' }, { wait: gate.promise }] }],
    limits: { maxFiles: 30 },
  });
  const running = await send(null, ...names(0, 20));
  const [{ id: threadId }] = (await (await chat.send('GET', '/threads')).json()).threads;
  expect((await send(threadId, ...names(20, 21))).status).toBe(409);
  expect(await pythonFiles(threadId)).toEqual(names(0, 20));
  gate.resolve();
  await running.text();
});
