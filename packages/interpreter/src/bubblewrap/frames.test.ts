import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from './frames.ts';

describe('FrameReader', () => {
  const frames = [
    { kind: 'O', payload: Buffer.from('one') },
    { kind: 'D', payload: Buffer.alloc(0) },
    { kind: 'F', payload: Buffer.alloc(70_000, 7) },
    { kind: 'E', payload: Buffer.from('last') },
  ];
  const bytes = Buffer.concat(frames.map(({ kind, payload }) => encodeFrame(kind, payload)));

  it.each([1, 2, 3, 4, 5, 6, 7, 64, 4_096, 65_536, bytes.length])('reads pieces of %i bytes', (size) => {
    const reader = new FrameReader(100_000);
    const read = [];
    for (let start = 0; start < bytes.length; start += size) {
      read.push(...reader.push(bytes.subarray(start, start + size)));
    }
    expect(read).toEqual(frames);
  });

  it('refuses a frame as soon as it announces too much', () => {
    const reader = new FrameReader(1_000);
    expect(() => reader.push(encodeFrame('F', Buffer.alloc(1_001)).subarray(0, 5))).toThrow(RangeError);
  });
});
