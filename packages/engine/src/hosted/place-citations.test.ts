import type { LanguageModelV4StreamPart } from '@ai-sdk/provider';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeCitations, readCitedFile } from './place-citations.ts';

const files = {
  ownFiles: (ids: string[]) =>
    Promise.resolve(
      new Map(ids.filter((id) => id !== 'none').map((id) => [id, { fileId: `our-${id}`, filename: id }])),
    ),
};

const raw = (annotation: unknown, item_id = 'msg'): LanguageModelV4StreamPart => ({
  type: 'raw',
  rawValue: { type: 'response.output_text.annotation.added', item_id, annotation },
});

const cited = (file_id: string, index: unknown): LanguageModelV4StreamPart =>
  raw({ type: 'file_citation', file_id, filename: 'x', index });

/** The text with a mark where a citation stands. */
async function place(parts: LanguageModelV4StreamPart[]): Promise<string> {
  let text = '';
  const stream = new ReadableStream<LanguageModelV4StreamPart>({
    start(controller) {
      for (const part of parts) controller.enqueue(part);
      controller.close();
    },
  });
  for await (const part of placeCitations(stream, files)) {
    const file = readCitedFile(part);
    if (part.type === 'text-delta') text += part.delta;
    else if (file) text += `[${file.blockId} ${file.fileId}]`;
    else if (part.type === 'raw') text += '[raw]';
  }
  return text;
}

test('each citation stands at its place, whether it is told of there or before the text', async () => {
  const words = fc.array(fc.constantFrom('a', 'é', '😀', '👩‍👩‍👧', ' '), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(words, words, fc.boolean(), async (before, after, isEarly) => {
      const told = cited('f', Array.from(before.join('')).length);
      const say = (delta: string): LanguageModelV4StreamPart => ({ type: 'text-delta', id: 'msg', delta });
      // Told of in time, a place is where a piece ends; else it may be in the middle of one.
      const pieces = isEarly ? [before.join('') + after.join('')] : [...before, ...after];
      const parts = pieces.map(say);
      parts.splice(isEarly ? 0 : before.length, 0, told);
      const text = await place([
        { type: 'text-start', id: 'msg' },
        ...parts,
        { type: 'text-end', id: 'msg' },
      ]);
      expect(text).toBe(`${before.join('')}[msg our-f]${after.join('')}`);
    }),
    { numRuns: 1000 },
  );
});

test('what comes too late stands where the text is, what lies beyond it at its end, each file once', async () => {
  const said = (delta: string): LanguageModelV4StreamPart => ({ type: 'text-delta', id: 'msg', delta });
  const parts: LanguageModelV4StreamPart[] = [
    { type: 'text-start', id: 'msg' },
    said('One.'),
    cited('late', 1),
    cited('late', 4),
    cited('b', 4),
    said(' Two.'),
    cited('late', 9),
    cited('beyond', 9e9),
    cited('beyond', 9e9),
    { type: 'text-end', id: 'msg' },
  ];
  expect(await place(parts)).toBe('One.[msg our-late][msg our-b] Two.[msg our-late][msg our-beyond]');
});

test('what is no citation of a file of ours is none; a text of another name is the one that is open', async () => {
  const parts: LanguageModelV4StreamPart[] = [
    cited('before', 0),
    { type: 'text-start', id: 'msg' },
    { type: 'text-delta', id: 'msg', delta: 'One.' },
    cited('none', 1),
    cited('odd', 1.5),
    cited('odd', 'x'),
    raw(null),
    raw({ type: 'url_citation', url: 'x' }),
    { type: 'raw', rawValue: 'x' },
    raw({ type: 'file_citation', file_id: 'other', filename: 'x', index: 4 }, 'msg_rotated'),
    { type: 'text-end', id: 'msg' },
  ];
  expect(await place(parts)).toBe('One.[msg our-other]');
});
