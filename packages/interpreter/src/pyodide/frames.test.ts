import { describe, expect, it } from 'vitest';
import type { Frame } from './child/frames.mts';
import { encodeFrame, FrameReader } from './child/frames.mts';

const limits = { headerBytes: 1_000, bodyBytes: 5_000 };
const join = (frames: Frame[]): Uint8Array => Buffer.concat(frames.flatMap((frame) => encodeFrame(frame)));

/** A small generator with a seed, so that a failure can be had again. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('frames', () => {
  it('come out as they went in, however the stream is cut', () => {
    const seed = Date.now() % 2 ** 31;
    const next = random(seed);
    for (let round = 0; round < 200; round += 1) {
      const frames: Frame[] = Array.from({ length: 1 + next(5) }, (_, index) => ({
        type: 'file',
        id: index,
        name: 'ü/数'.repeat(next(20)),
        ...(next(3) === 0
          ? {}
          : { bytes: Uint8Array.from({ length: next(4) * next(900) }, () => next(256)) }),
      }));
      const stream = join(frames);
      const reader = new FrameReader(limits);
      const read: unknown[] = [];
      for (let start = 0; start < stream.length;) {
        const end = start + 1 + next(round % 2 === 0 ? 3 : 2_000);
        read.push(...reader.push(stream.subarray(start, end)));
        start = end;
      }
      expect(read, `seed ${seed}, round ${round}`).toEqual(frames);
    }
  });

  it.each([
    ['a header that is too long', [0, 0, 255, 255, 0, 0, 0, 0]],
    ['a header without room for an object', [0, 0, 0, 1, 0, 0, 0, 0]],
    ['a body that is too long', [0, 0, 0, 2, 0, 0, 0x13, 0x8a]],
    ['four gigabytes', [255, 255, 255, 255, 255, 255, 255, 255]],
  ])('with %s are refused before they are there', (_, prefix) => {
    expect(() => [...new FrameReader(limits).push(Uint8Array.from(prefix))]).toThrow(
      'outside of the contract',
    );
  });

  it('that are no JSON are refused', () => {
    const frame = Uint8Array.from([0, 0, 0, 2, 0, 0, 0, 0, 1, 2]);
    expect(() => [...new FrameReader(limits).push(frame)]).toThrow(SyntaxError);
  });

  it('do not let a key become what a prototype is', () => {
    const header = Buffer.from('{"__proto__":{"type":"booted"}}');
    const prefix = Buffer.alloc(8);
    prefix.writeUInt32BE(header.length);
    const [value] = [...new FrameReader(limits).push(Buffer.concat([prefix, header]))];
    expect((value as { type?: string }).type).toBeUndefined();
  });
});
