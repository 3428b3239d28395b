import { describe, expect, it, vi } from 'vitest';
import { controlledStream } from '../../test-kit/src/controlled-stream.ts';
import { everyPairOfCuts, everySplit, streamOf } from '../../test-kit/src/split-bytes.ts';
import { createDecoder } from './decode.ts';
import type { DecodedFrame } from './decode.ts';
import { doneFrame, encodeChunk, encodeComment } from './encode.ts';
import { readStream } from './read-stream.ts';
import type { ReadStreamOptions } from './read-stream.ts';
import { oddlyWritten, transcript } from './test-support/transcript.ts';

const encode = (text: string) => new TextEncoder().encode(text);
const wire =
  transcript.map((chunk, index) => encodeChunk(chunk, `run_1:${index}.0`)).join(encodeComment('keep-alive')) +
  doneFrame;

interface Reading {
  frames: DecodedFrame[];
  error: unknown;
}

async function read(
  body: ReadableStream<Uint8Array>,
  options?: Omit<ReadStreamOptions, 'onFrame'>,
): Promise<Reading> {
  const frames: DecodedFrame[] = [];
  try {
    await readStream(body, { ...options, onFrame: (frame) => void frames.push(frame) });
    return { frames, error: undefined };
  } catch (error) {
    return { frames, error };
  }
}

const readText = (...pieces: string[]) => read(streamOf(pieces.map(encode)));

describe('a stream, however it is cut', () => {
  it('reads the whole transcript in one piece and byte by byte', async () => {
    const expected = transcript.map((chunk, index) => ({ chunk, id: `run_1:${index}.0` }));
    const bytes = encode(wire);
    for (const size of [1, 2, 3, 64, 1024, bytes.length]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        bytes.subarray(index * size, (index + 1) * size),
      );
      expect(await read(streamOf(pieces))).toEqual({ frames: expected, error: undefined });
    }
  });

  it('reads an oddly written stream alike in every cut and in every two', () => {
    const bytes = encode(oddlyWritten);
    const decode = (pieces: Uint8Array[]): string => {
      const frames: DecodedFrame[] = [];
      let comments = 0;
      const decoder = createDecoder({
        onFrame: (frame) => frames.push(frame),
        onComment: () => (comments += 1),
      });
      const text = new TextDecoder('utf-8', { ignoreBOM: true });
      for (const piece of pieces) decoder.feed(text.decode(piece, { stream: true }));
      decoder.feed(text.decode());
      decoder.end();
      return JSON.stringify({ frames, comments });
    };
    const expected = JSON.stringify({
      frames: [
        { chunk: { type: 'start' }, id: 'run_1:0.0' },
        { chunk: { type: 'text-delta', id: 'é👩‍👧', delta: 'x' }, id: 'run_1:1.0' },
        { chunk: { type: 'data-new', data: 1 } },
        { chunk: { type: 'abort' } },
      ],
      comments: 2,
    });
    for (const pieces of everySplit(bytes)) expect(decode(pieces)).toBe(expected);
    let pairs = 0;
    const differing: number[][] = [];
    for (const pieces of everyPairOfCuts(bytes)) {
      pairs += 1;
      if (decode(pieces) !== expected) differing.push(pieces.map((piece) => piece.length));
    }
    expect(differing).toEqual([]);
    expect(pairs).toBeGreaterThan(10_000);
  });
});

describe('what it forgives', () => {
  it('passes unknown types on', async () => {
    const { frames, error } = await readText('data: {"type":"hologram","x":1}\n\n');
    expect(error).toBeUndefined();
    expect(frames).toEqual([{ chunk: { type: 'hologram', x: 1 }, id: undefined }]);
  });

  it('ignores [DONE] in the middle', async () => {
    expect(await readText(doneFrame, encodeChunk({ type: 'start' }))).toMatchObject({
      frames: [{ chunk: { type: 'start' } }],
    });
  });

  it('takes null for fields that may be left out', async () => {
    const { frames } = await readText('data: {"type":"text-start","id":"a","providerMetadata":null}\n\n');
    expect(frames).toHaveLength(1);
  });

  it('skips named events that are not chunks', async () => {
    const { frames, error } = await readText(
      'event: ping\ndata: {"time":1}\n\n',
      encodeChunk({ type: 'start' }),
    );
    expect([frames.length, error]).toEqual([1, undefined]);
  });

  it('drops a frame that the end has cut off', async () => {
    expect(await readText(encodeChunk({ type: 'start' }), 'data: {"type":"fin')).toMatchObject({
      frames: [{ chunk: { type: 'start' } }],
      error: undefined,
    });
    expect(await readText('id: run_1:0.0\ndata: {"ty')).toEqual({
      frames: [],
      error: undefined,
    });
    expect(await readText(': ')).toEqual({ frames: [], error: undefined });
  });

  it('reads an empty body as no frames', async () => {
    expect(await readText()).toEqual({ frames: [], error: undefined });
  });
});

describe('what it does not forgive', () => {
  it.each([
    ['broken JSON', 'data: {"type":\n\n'],
    ['no JSON', 'data: hello\n\n'],
    ['no object', 'data: [1]\n\n'],
    ['no type', 'data: {"id":"a"}\n\n'],
    ['a delta that is no text', 'data: {"type":"text-delta","id":"a","delta":1}\n\n'],
    ['a field of the wrong kind', 'data: {"type":"text-end","id":"a","providerMetadata":{"x":1}}\n\n'],
  ])('fails at %s with a retryable error, after the frames before it', async (_, frame) => {
    const before = encodeChunk({ type: 'start' }, 'run_1:0.0');
    const { frames, error } = await readText(`${before}${frame}${encodeChunk({ type: 'finish' })}`);
    expect(frames).toEqual([{ chunk: { type: 'start' }, id: 'run_1:0.0' }]);
    expect(error).toMatchObject({ code: 'stream_protocol', isRetryable: true });
  });

  it.each(['5:{"threadId":"t","messageId":"m"}\n', '0:"Hi"\n', 'f:{"messageId":"m"}\n', '2:[1]\n'])(
    'says so when the server speaks v4: %s',
    async (line) => {
      for (const pieces of everySplit(encode(`${line}0:"more"\n`))) {
        const { frames, error } = await read(streamOf(pieces));
        expect(frames).toEqual([]);
        expect(error).toMatchObject({ code: 'stream_protocol', isRetryable: false });
        expect((error as Error).message).toContain('v4');
      }
    },
  );

  it.each([
    '<!doctype html><p>Sign in',
    '{"error":{"code":"not_found"}}',
    'x',
    'Hello, here is plain text.\n\nMore.',
  ])('says so when the response is no event stream: %s', async (text) => {
    expect((await readText(text)).error).toMatchObject({ code: 'stream_protocol', isRetryable: false });
  });

  it('survives any depth, and says so where it cannot', async () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    const deep = await readText(`data: {"type":"data-value","data":${nested(5_000)}}\n\n`);
    expect([deep.frames.length, deep.error]).toEqual([1, undefined]);
    const hostile = await readText(
      `data: {"type":"data-value","data":{"__proto__":1,"a":${nested(200_000)}}}\n\n`,
    );
    expect(hostile.error).toMatchObject({ code: 'stream_protocol' });
  });

  it('holds no more than the longest frame', async () => {
    const pieces = Array.from({ length: 50 }, () => encode('x'.repeat(1_000)));
    const { error } = await read(streamOf([encode('data: '), ...pieces]), { maxFrameLength: 10_000 });
    expect(error).toMatchObject({ code: 'stream_protocol', isRetryable: false });
    expect((error as Error).message).toContain('too long');
  });
});

describe('keys that reach a prototype', () => {
  it.each([
    '{"__proto__":{"polluted":1}}',
    '{"a":{"__proto__":{"polluted":1}}}',
    '{"\\u005f_proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"\\u0063onstructor":{"prototyp\\u0065":{"polluted":1}}}',
  ])('are gone from %s', async (json) => {
    const { frames } = await readText(`data: {"type":"data-value","data":${json}}\n\n`);
    expect(JSON.stringify(frames)).not.toContain('polluted');
    expect(Object.assign({}, (frames[0]!.chunk as { data: object }).data)).not.toHaveProperty('polluted');
    expect({}).not.toHaveProperty('polluted');
  });

  it('stay where they are only words', async () => {
    const chunk = {
      type: 'data-value' as const,
      data: { constructor: 'x', text: '__proto__', prototype: 1 },
    };
    expect((await readText(encodeChunk(chunk))).frames).toEqual([{ chunk, id: undefined }]);
  });
});

describe('ends', () => {
  it('cancels the body when what takes the frames throws', async () => {
    const source = controlledStream();
    source.push(encode(encodeChunk({ type: 'start' })));
    const reading = readStream(source.stream, {
      onFrame() {
        throw new Error('enough');
      },
    });
    await expect(reading).rejects.toThrow('enough');
    await source.cancelled;
  });

  it('rejects at once when aborted, though the source takes its time to cancel', async () => {
    const abort = new AbortController();
    const body = new ReadableStream<Uint8Array>({ cancel: () => new Promise(() => undefined) });
    const pending = readStream(body, { signal: abort.signal, onFrame: () => {} });
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toMatchObject({ code: 'aborted', cause: { message: 'enough' } });
  });

  it('gives nothing more after an abort, not even what has arrived', async () => {
    const abort = new AbortController();
    const types: string[] = [];
    const body = streamOf([encode(encodeChunk({ type: 'start' }) + encodeChunk({ type: 'finish' }))]);
    const reading = readStream(body, {
      signal: abort.signal,
      onFrame({ chunk }) {
        types.push(chunk.type);
        abort.abort();
      },
    });
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
    expect(types).toEqual(['start']);
  });

  it('rejects at once when the signal was aborted before, and reads nothing', async () => {
    const source = controlledStream();
    await expect(
      readStream(source.stream, { signal: AbortSignal.abort(), onFrame: () => {} }),
    ).rejects.toMatchObject({ code: 'aborted' });
    expect([source.pulls, source.isCancelled]).toEqual([0, true]);
  });

  it('takes its listener off the signal', async () => {
    const { signal } = new AbortController();
    const add = vi.spyOn(signal, 'addEventListener');
    const remove = vi.spyOn(signal, 'removeEventListener');
    await read(streamOf([encode(wire)]), { signal });
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(
      add.mock.calls.map(([, listener]) => listener),
    );
    expect(add).toHaveBeenCalledOnce();
  });

  it('says that the connection was lost, after the frames before', async () => {
    const source = controlledStream();
    source.push(encode(encodeChunk({ type: 'start' })));
    const types: string[] = [];
    const reading = readStream(source.stream, {
      onFrame({ chunk }) {
        types.push(chunk.type);
        source.fail(new TypeError('terminated'));
      },
    });
    await expect(reading).rejects.toMatchObject({ code: 'stream_interrupted', isRetryable: true });
    expect(types).toEqual(['start']);
  });

  it('asks for no more, and gives no more, while a frame is being taken', async () => {
    const source = controlledStream();
    const abort = new AbortController();
    const types: string[] = [];
    let goOn = () => {};
    const reading = readStream(source.stream, {
      signal: abort.signal,
      onFrame({ chunk }) {
        types.push(chunk.type);
        return new Promise<void>((resolve) => (goOn = resolve));
      },
    });
    await source.pulled();
    source.push(encode(encodeChunk({ type: 'start' }) + encodeChunk({ type: 'start-step' })));
    await vi.waitFor(() => expect(types).toEqual(['start']));
    goOn();
    await vi.waitFor(() => expect(types).toEqual(['start', 'start-step']));
    expect(source.pulls).toBe(1);
    abort.abort();
    goOn();
    await expect(reading).rejects.toMatchObject({ code: 'aborted' });
  });

  it('tells of comments', async () => {
    const onComment = vi.fn<() => void>();
    await read(streamOf([encode(encodeComment('keep-alive'))]), { onComment });
    expect(onComment).toHaveBeenCalledOnce();
  });
});
