import { describe, expect, it, vi } from 'vitest';
import type { AssistantChunk } from './chunks.ts';
import { PartList } from './part-list.ts';
import { createReducer } from './create-reducer.ts';
import { transcript } from './test-support/transcript.ts';

const start: AssistantChunk = { type: 'start', messageId: 'run_1' };
const input = (delta: string): AssistantChunk => ({
  type: 'tool-input-delta',
  toolCallId: 'c',
  inputTextDelta: delta,
});

function reducerWith(...chunks: AssistantChunk[]) {
  const reducer = createReducer();
  for (const chunk of chunks) reducer.apply(chunk);
  return reducer;
}

describe('snapshots', () => {
  it('are the same object until something changes', () => {
    const reducer = reducerWith(...transcript);
    const before = reducer.message();
    reducer.apply({
      type: 'data-status',
      data: { threadId: 't', runId: 'r', status: 'queued' },
      transient: true,
    });
    reducer.apply({ type: 'hologram' } as never);
    reducer.apply({ type: 'finish-step' });
    reducer.apply({ type: 'reset-step' });
    expect(reducer.message()).not.toBe(before);
    const after = reducer.message();
    reducer.apply({ type: 'reset-step' });
    reducer.apply({ type: 'abort' });
    expect(reducer.message()).toBe(after);
  });

  it('keep the parts that have not changed', () => {
    const reducer = reducerWith(
      start,
      { type: 'file', url: '/f', mediaType: 'image/png' },
      { type: 'text-start', id: 'a' },
      { type: 'text-start', id: 'b' },
    );
    const before = reducer.message();
    reducer.apply({ type: 'text-delta', id: 'b', delta: 'x' });
    const after = reducer.message();
    expect(after).not.toBe(before);
    expect(after.parts.map((part, index) => part === before.parts[index])).toEqual([true, true, false]);
    expect(before.parts[2]).toEqual({ type: 'text', text: '', state: 'streaming' });
  });

  it('never write into the message that they began with', () => {
    const stored = structuredClone(reducerWith(...transcript).message());
    const copy = structuredClone(stored);
    const reducer = createReducer(stored);
    expect(reducer.message()).toBe(stored);
    for (const chunk of transcript) reducer.apply(chunk);
    reducer.apply({
      type: 'data-file',
      id: 'f',
      data: { id: 'f', name: '', mediaType: '', size: 9, url: '' },
    });
    expect(reducer.message()).not.toBe(stored);
    expect(stored).toEqual(copy);
  });

  it('keep two data parts apart whose type or id differ', () => {
    const reducer = reducerWith(
      start,
      { type: 'data-value', id: 'a', data: 1 },
      { type: 'data-value', id: 'b', data: 2 },
      { type: 'data-annotation', id: 'a', data: 3 },
      { type: 'data-value', data: 4 },
      { type: 'data-value', data: 5 },
      { type: 'data-value', id: 'a', data: 6 },
    );
    expect(reducer.message().parts.map((part) => 'data' in part && part.data)).toEqual([6, 2, 3, 4, 5]);
  });
});

describe('what it adds to the message of ai@7', () => {
  it('gives files the name that travels in the provider metadata', () => {
    const file = { type: 'file' as const, url: '/f', mediaType: 'image/png' };
    const named = { ...file, providerMetadata: { assistant: { filename: 'trend.svg' } } };
    const odd = { ...file, providerMetadata: { assistant: { filename: 1 } } };
    expect(reducerWith(start, named, odd, file).message().parts).toEqual([
      { ...named, filename: 'trend.svg' },
      odd,
      file,
    ]);
  });
});

describe('a chunk whose fields are not what its type says', () => {
  it.each([
    { type: 'file', url: '/f', mediaType: 'a/b', providerMetadata: { x: 1 } },
    { type: 'file', url: '/f' },
    { type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: 1 },
    { type: 'data-value', id: 1, data: 1 },
  ])('is refused with a retryable error, and changes nothing: %o', (chunk) => {
    const reducer = reducerWith(start);
    const before = reducer.message();
    expect(() => reducer.apply(chunk as never)).toThrow(
      expect.objectContaining({ code: 'stream_protocol', isRetryable: true }),
    );
    expect(reducer.message()).toBe(before);
  });
});

describe('metadata', () => {
  it('is merged deeply, and never reaches a prototype', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"runId":"r"}',
    );
    const reducer = reducerWith(
      { type: 'start', messageMetadata: { threadId: 't', usage: { prompt_tokens: 1 } as never } },
      { type: 'message-metadata', messageMetadata: hostile },
      { type: 'finish', messageMetadata: { usage: { total_tokens: 2 } as never } },
    );
    expect(reducer.message().metadata).toEqual({
      threadId: 't',
      runId: 'r',
      usage: { prompt_tokens: 1, total_tokens: 2 },
    });
    expect({}).not.toHaveProperty('polluted');
  });

  it('that is nested beyond reason breaks nothing', () => {
    const deep = () => JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`);
    const reducer = reducerWith(
      { type: 'start', messageMetadata: deep() },
      { type: 'finish', messageMetadata: deep() },
    );
    expect(reducer.message().metadata).toHaveProperty('a');
  });
});

describe('the end', () => {
  it('tells why the stream has finished', () => {
    const reducer = createReducer();
    reducer.apply(start);
    expect(reducer.finishReason).toBeUndefined();
    reducer.apply({ type: 'finish', finishReason: 'length' });
    expect([reducer.finishReason, reducer.error]).toEqual(['length', undefined]);
  });

  it('keeps the sentence and the code of an error, and the text before it', () => {
    const reducer = reducerWith(
      start,
      { type: 'text-start', id: 'a' },
      { type: 'text-delta', id: 'a', delta: 'x' },
      { type: 'error', errorText: 'The model is gone.', code: 'run_failed' },
    );
    expect(reducer.error).toMatchObject({ code: 'run_failed', message: 'The model is gone.' });
    expect(reducer.message().parts).toHaveLength(1);
    expect(reducerWith(start, { type: 'error', errorText: 'No.' }).error?.code).toBe('server_error');
  });
});

describe('the cost of a delta', () => {
  const calls = (encoding: 'json' | 'text'): AssistantChunk[] => [
    start,
    { type: 'tool-input-start', toolCallId: 'c', toolName: 'code_interpreter', inputEncoding: encoding },
  ];

  it('does not grow with the input: 2,000 deltas are parsed once, when somebody looks', () => {
    const reducer = reducerWith(...calls('json'), input('{"code":"'));
    const parse = vi.spyOn(JSON, 'parse');
    for (let count = 0; count < 2_000; count += 1) reducer.apply(input('0123456789'));
    expect(parse).not.toHaveBeenCalled();
    reducer.message();
    reducer.message();
    // Once as it is, once completed.
    expect(parse).toHaveBeenCalledTimes(2);
    expect(reducer.message().parts[0]).toMatchObject({ input: { code: '0123456789'.repeat(2_000) } });
  });

  it('is an append where the input is text, with no parse at all', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const reducer = reducerWith(...calls('text'), input('print("{'), input('")'));
    expect(reducer.message().parts[0]).toMatchObject({ input: 'print("{")', rawInput: 'print("{")' });
    expect(parse).not.toHaveBeenCalled();
  });

  it('copies a part once for each snapshot, not once for each delta', () => {
    const parts = new PartList([]);
    const slot = parts.add({ type: 'text', text: '' });
    for (let round = 0; round < 3; round += 1) {
      const published = parts.publish()[0];
      const written = parts.write(slot);
      expect(written).not.toBe(published);
      for (let count = 0; count < 10; count += 1) expect(parts.write(slot)).toBe(written);
    }
  });
});
