import {
  createReducer,
  createVerifier,
  doneFrame,
  encodeChunk,
  encodeComment,
  streamHeaders,
} from '@use-assistant/protocol';
import type { AssistantChunk } from '@use-assistant/protocol';
import { expect, it } from 'vitest';
import { readStream } from './read-stream.ts';

const chunks: AssistantChunk[] = [
  { type: 'start', messageId: 'run_1' },
  { type: 'text-start', id: 'a' },
  { type: 'text-delta', id: 'a', delta: 'x' },
  { type: 'text-end', id: 'a' },
  { type: 'finish' },
];
const encode = (list: AssistantChunk[]) =>
  list.map((chunk, index) => encodeChunk(chunk, `run_1:${index}.0`)).join('');
const respond = (body: string, init: ResponseInit = {}) =>
  new Response(body, { headers: streamHeaders, ...init });

it('reads chunks, ids, comments and the message', async () => {
  const read = await readStream(respond(encodeComment('hello') + encode(chunks) + doneFrame));
  expect(read.chunks).toEqual(chunks);
  expect(read.ids).toEqual(chunks.map((_, index) => `run_1:${index}.0`));
  expect(read.message).toEqual({
    id: 'run_1',
    role: 'assistant',
    parts: [{ type: 'text', text: 'x', state: 'done' }],
  });
  expect(read.comments).toBe(1);
});

it.each([
  ['finish while the text part', respond(encode(chunks.toSpliced(3, 1)) + doneFrame)],
  ['just stopped', respond(encode(chunks.slice(0, -1)) + doneFrame)],
  ['no [DONE]', respond(encode(chunks))],
  ['Status 404', respond('{}', { status: 404 })],
  ['cache-control', respond('', { headers: { 'content-type': 'text/event-stream' } })],
])('throws for a stream that breaks the protocol: %s', async (sentence, response) => {
  await expect(readStream(response)).rejects.toThrow(sentence);
});

it('goes on where an earlier stream ended', async () => {
  const verifier = createVerifier();
  const reducer = createReducer();
  chunks.slice(0, 3).forEach((chunk, index) => {
    verifier.check(chunk, `run_1:${index}.0`);
    reducer.apply(chunk);
  });
  const rest = chunks.slice(3).map((chunk, index) => encodeChunk(chunk, `run_1:${index + 3}.0`));
  const read = await readStream(respond(rest.join('') + doneFrame), { verifier, reducer });
  expect(read.chunks).toEqual(chunks.slice(3));
  expect(read.message.parts).toEqual([{ type: 'text', text: 'x', state: 'done' }]);
});
