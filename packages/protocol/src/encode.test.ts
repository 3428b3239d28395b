import { UI_MESSAGE_STREAM_HEADERS, uiMessageChunkSchema } from 'ai';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantChunk } from './chunks.ts';
import { doneFrame, encodeChunk, encodeComment, streamHeaders } from './encode.ts';
import { legalStream } from './test-support/legal-stream.ts';
import { transcript } from './test-support/transcript.ts';

interface Seen {
  events: { id: string | undefined; event: string | undefined; data: string }[];
  comments: string[];
  retries: number[];
  errors: string[];
}

/** What a reader makes of text; `sentinel` is there to show that the text has closed its event. */
function read(text: string): Seen {
  const seen: Seen = { events: [], comments: [], retries: [], errors: [] };
  const parser = createParser({
    onEvent: ({ id, event, data }) => void seen.events.push({ id, event, data }),
    onComment: (comment) => void seen.comments.push(comment),
    onRetry: (retry) => void seen.retries.push(retry),
    onError: (error) => void seen.errors.push(error.message),
  });
  parser.feed(text);
  parser.feed('data: sentinel\n\n');
  expect(seen.events.pop()).toEqual({ id: undefined, event: undefined, data: 'sentinel' });
  return seen;
}

const hostile = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\0',
  '\u2028',
  '\u2029',
  '\u0085',
  '\nid: forged',
  '\r\rdata: forged\r\r',
  '\nretry: 1\n',
  '\nevent: forged\n\n',
  '\uFEFF',
  '\uD800',
  ': x',
];

describe('encodeChunk', () => {
  it.each(hostile)('writes one event, whatever is in the text: %j', (text) => {
    const chunk: AssistantChunk = { type: 'text-delta', id: text, delta: `a${text}b` };
    const seen = read(encodeChunk(chunk, 'run_1:0.0'));
    expect(seen.events).toHaveLength(1);
    expect(seen.events[0]).toMatchObject({ id: 'run_1:0.0', event: undefined });
    expect(JSON.parse(seen.events[0]!.data)).toEqual(chunk);
    expect([seen.comments, seen.retries, seen.errors]).toEqual([[], [], []]);
  });

  it.each(hostile)('writes one event, whatever is in the id: %j', (id) => {
    const seen = read(encodeChunk({ type: 'start-step' }, `a${id}`));
    expect(seen.events).toHaveLength(1);
    expect(seen.events[0]!.data).toBe('{"type":"start-step"}');
    expect([undefined, `a${id}`]).toContain(seen.events[0]!.id);
    expect([seen.comments, seen.retries, seen.errors]).toEqual([[], [], []]);
  });

  it('writes one event for any text and any id', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (delta, id) => {
        const seen = read(encodeChunk({ type: 'text-delta', id: 'x', delta }, id));
        expect(seen.events).toHaveLength(1);
        expect(JSON.parse(seen.events[0]!.data)).toEqual({ type: 'text-delta', id: 'x', delta });
        expect([seen.comments, seen.retries, seen.errors]).toEqual([[], [], []]);
      }),
      { numRuns: 2_000 },
    );
  });

  it('leaves out an id that could break the frame, and an empty one', () => {
    for (const id of ['a\nb', 'a\rb', 'a\0b', '', undefined]) {
      expect(encodeChunk({ type: 'finish' }, id)).toBe('data: {"type":"finish"}\n\n');
    }
    expect(encodeChunk({ type: 'finish' }, 'run_1:2.0')).toBe('id: run_1:2.0\ndata: {"type":"finish"}\n\n');
  });

  it('writes only chunks that the AI SDK takes', async () => {
    const { validate } = uiMessageChunkSchema();
    const accepts = async (frame: string) =>
      (await validate!(JSON.parse(read(frame).events[0]!.data))).success;
    for (const chunk of transcript)
      expect([chunk.type, await accepts(encodeChunk(chunk))]).toEqual([chunk.type, true]);
    expect(await accepts(encodeChunk({ type: 'error', errorText: 'It failed.', code: 'run_failed' }))).toBe(
      true,
    );
    await fc.assert(
      fc.asyncProperty(legalStream, async (stream) => {
        for (const chunk of stream)
          expect([chunk.type, await accepts(encodeChunk(chunk))]).toEqual([chunk.type, true]);
      }),
      { numRuns: 50 },
    );
  });
});

describe('encodeComment', () => {
  it.each(hostile)('writes comments only, whatever is in the text: %j', (text) => {
    const seen = read(encodeComment(`a${text}b`));
    expect(seen.events).toEqual([]);
    expect(seen.comments.length).toBeGreaterThan(0);
    expect([seen.retries, seen.errors]).toEqual([[], []]);
  });

  it('ends a comment by a blank line, so that proxies pass it on', () => {
    expect(encodeComment('keep-alive')).toBe(': keep-alive\n\n');
  });
});

describe('the frame around the chunks', () => {
  it('ends as the AI SDK ends', () => {
    expect(doneFrame).toBe('data: [DONE]\n\n');
  });

  it('has the headers of the AI SDK, and forbids proxies to transform', () => {
    const { connection: _, ...theirs } = UI_MESSAGE_STREAM_HEADERS;
    expect(streamHeaders).toEqual({ ...theirs, 'cache-control': 'no-cache, no-transform' });
  });
});
