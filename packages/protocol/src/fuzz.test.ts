import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AssistantChunk } from './chunks.ts';
import { createDecoder } from './decode.ts';
import { encodeChunk } from './encode.ts';
import { AssistantError } from './errors.ts';
import { createReducer } from './create-reducer.ts';
import { legalStream } from './test-support/legal-stream.ts';
import { createVerifier } from './verify.ts';

const prototypeKeys = Object.getOwnPropertyNames(Object.prototype).join();

/** What one fault does to the frames of a stream. */
const fault: fc.Arbitrary<(frames: string[], at: number, other: number) => string[]> = fc.oneof(
  fc.constant((frames: string[], at: number) => frames.toSpliced(at, 1)),
  fc.constant((frames: string[], at: number) => frames.toSpliced(at, 0, frames[at]!)),
  fc.constant((frames: string[], at: number, other: number) =>
    frames.with(at, frames[other]!).with(other, frames[at]!),
  ),
  fc.constant((frames: string[], at: number, other: number) => frames.with(at, frames[at]!.slice(0, other))),
  fc
    .string({ unit: 'binary' })
    .map((junk) => (frames: string[], at: number) => frames.toSpliced(at, 0, junk)),
  fc
    .oneof(fc.json({ stringUnit: 'binary' }), fc.constantFrom('{"__proto__":{"x":1}}', '['.repeat(50_000)))
    .chain((json) =>
      fc.constantFrom(
        `data: ${json}\n\n`,
        `id: a\0b\ndata: {"type":"data-x","id":"__proto__","data":${json}}\n\n`,
      ),
    )
    .map((frame) => (frames: string[], at: number) => frames.toSpliced(at, 0, frame)),
  fc
    .tuple(
      fc.constantFrom('type', 'id', 'delta', 'toolCallId', 'input', 'providerMetadata', 'parts'),
      fc.jsonValue(),
    )
    .map(([field, value]) => (frames: string[], at: number) => {
      const data = frames[at]!.replace(/^data: /, '').trimEnd();
      try {
        return frames.with(at, `data: ${JSON.stringify({ ...JSON.parse(data), [field]: value })}\n\n`);
      } catch {
        return frames;
      }
    }),
);

describe('a stream with faults', () => {
  it('gives frames, a message that only grows in time, and typed errors; nothing else', () => {
    const faults = fc.array(fc.tuple(fault, fc.nat(), fc.nat()), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(legalStream, faults, (stream, injected) => {
        let frames = stream.map((chunk) => encodeChunk(chunk));
        for (const [inject, at, other] of injected) {
          if (frames.length > 0) frames = inject(frames, at % frames.length, other % frames.length);
        }
        const reducer = createReducer();
        const verifier = createVerifier();
        const take = (chunk: AssistantChunk) => {
          const before = reducer.message();
          const copy = JSON.stringify(before);
          const rejected = rejects(() => reducer.apply(chunk));
          expect(JSON.stringify(before)).toBe(copy);
          expect(!rejected || reducer.message() === before).toBe(true);
          // Whatever the reducer cannot apply, the verifier must have refused.
          const refused = rejects(() => verifier.check(chunk));
          expect(!rejected || refused).toBe(true);
          return refused;
        };
        let isRefused = false;
        const decoder = createDecoder({ onFrame: ({ chunk }) => void (isRefused ||= take(chunk)) });
        rejects(() => {
          for (const frame of frames) decoder.feed(frame);
          decoder.end();
        });
        reducer.message();
        expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(prototypeKeys);
      }),
      { numRuns: 3_000 },
    );
  });
});

/** Whether it throws; anything but a typed error goes through. */
function rejects(action: () => void): boolean {
  try {
    action();
    return false;
  } catch (error) {
    if (AssistantError.isInstance(error) && error.code === 'stream_protocol') return true;
    throw error;
  }
}
