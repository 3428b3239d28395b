import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEventBody } from './event-body.ts';

const decoder = new TextDecoder();

function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('an event body', () => {
  it('sends what was written in one macrotask as one network chunk', async () => {
    const body = createEventBody();
    const reader = body.stream.getReader();
    for (let index = 0; index < 100; index += 1) body.write(`data: ${index}\n\n`);
    body.end();
    const { value } = await reader.read();
    expect(decoder.decode(value).split('\n\n')).toHaveLength(102);
    expect((await reader.read()).done).toBe(true);
  });

  it('writes seldom in a flood, at once when there is none', async () => {
    const body = createEventBody();
    const sizes: number[] = [];
    const reading = (async () => {
      for await (const bytes of body.stream) sizes.push(bytes.byteLength);
    })();
    const frames = 5000;
    for (let frame = 0; frame < frames; frame += 1) {
      body.write('data: 1\n\n');
      await macrotask();
    }
    body.end();
    await reading;
    expect(sizes.length).toBeLessThan(frames / 5);
    // The first frame waited for no other.
    expect(sizes[0]).toBe('data: 1\n\n'.length);
  });

  it('asks its source to wait while the reader takes nothing, and goes on when it does', async () => {
    const body = createEventBody();
    let written = 0;
    const source = (async () => {
      for (; written < 5000; written += 1) {
        body.write(`data: ${'x'.repeat(50)}\n\n`);
        const room = body.ready();
        if (room) await room;
        if (written % 10 === 0) await macrotask();
      }
      body.end();
    })();
    for (let turn = 0; turn < 300; turn += 1) await macrotask();
    expect(written).toBeLessThan(1500);
    let size = 0;
    for await (const bytes of body.stream) size += bytes.byteLength;
    await source;
    expect(size).toBe(5000 * 58 + 'data: [DONE]\n\n'.length);
  });

  it('tells once that the reader left, and takes nothing more', async () => {
    const onCancel = vi.fn();
    const body = createEventBody({ onCancel });
    body.write('data: 1\n\n');
    await body.stream.cancel();
    body.write('data: 2\n\n');
    body.end();
    await macrotask();
    expect(onCancel).toHaveBeenCalledTimes(1);
    expect(body.isClosed).toBe(true);
    expect(body.ready()).toBeUndefined();
  });

  it('lets a source go on that waited for a reader who left', async () => {
    const body = createEventBody();
    for (let index = 0; index < 2000; index += 1) body.write(`data: ${'x'.repeat(50)}\n\n`);
    const room = body.ready();
    expect(room).toBeDefined();
    await body.stream.cancel();
    await room;
  });
});

describe('with time', () => {
  beforeEach(
    () => void vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] }),
  );
  afterEach(() => void vi.useRealTimers());

  it('a quiet body is kept alive by comments, and its timer ends with it', async () => {
    const body = createEventBody();
    const reader = body.stream.getReader();
    await vi.advanceTimersByTimeAsync(31_000);
    expect(decoder.decode((await reader.read()).value)).toBe(': keep-alive\n\n');
    await reader.cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('a reader who takes nothing for a minute is given up', async () => {
    const onCancel = vi.fn();
    const body = createEventBody({ onCancel });
    for (let turn = 0; turn < 4; turn += 1) {
      body.write('x'.repeat(20_000));
      await macrotask();
    }
    await vi.advanceTimersByTimeAsync(61_000);
    expect(onCancel).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
