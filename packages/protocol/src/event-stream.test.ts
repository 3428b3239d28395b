import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { createEventStreamParser } from './event-stream.ts';

type Seen = (string | (string | undefined)[])[];

function read(pieces: readonly string[]): Seen {
  const seen: Seen = [];
  const parser = createEventStreamParser({
    onEvent: ({ data, event, id }) => seen.push([data, event, id]),
    onComment: () => seen.push('comment'),
    onForeign: () => {},
  });
  for (const piece of pieces) parser.feed(piece);
  return seen;
}

/** The same by eventsource-parser, whose own tests are the standard's. */
function readByPeer(text: string): Seen {
  const seen: Seen = [];
  const parser = createParser({
    onEvent: ({ data, event, id }) => seen.push([data, event || undefined, id || undefined]),
    onComment: () => seen.push('comment'),
  });
  parser.feed(text);
  return seen;
}

const field = fc.constantFrom('data', 'id', 'event', 'retry', 'foo', '', 'data ', '\uFEFFdata');
const line = fc
  .tuple(
    field,
    fc.constantFrom(':', ': ', ':  ', ''),
    fc.constantFrom('', 'x', 'a:b', '7', '\0', '\u2028é👩‍👧'),
  )
  .map((parts) => parts.join(''));
const stream = fc
  .array(fc.tuple(fc.oneof(line, fc.constant('')), fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 12 })
  .chain((lines) =>
    fc
      .constantFrom('', '\uFEFF')
      .map((mark) => mark + lines.map((parts) => parts.join('')).join('') + '\n\n'),
  );

it('reads what eventsource-parser reads, however the text is cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat({ max: 80 }), { maxLength: 6 }), (text, cuts) => {
      const places = [0, ...cuts.filter((cut) => cut < text.length).toSorted((a, b) => a - b), text.length];
      const pieces = places.slice(1).map((place, index) => text.slice(places[index], place));
      const expected = readByPeer(text);
      expect(read([text])).toEqual(expected);
      expect(read(pieces)).toEqual(expected);
      expect(read(Array.from(text))).toEqual(expected);
    }),
    { numRuns: 5_000 },
  );
});

it('looks at each character of a long line a few times only, however small its pieces', () => {
  const search = vi.spyOn(String.prototype, 'indexOf');
  const parser = createEventStreamParser({ onEvent: () => {}, onComment: () => {}, onForeign: () => {} });
  parser.feed('data: ');
  for (let count = 0; count < 10_000; count += 1) parser.feed('0');
  for (let count = 0; count < 1_000; count += 1) parser.feed('0123456789');
  const looks = search.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0);
  search.mockRestore();
  expect(looks).toBeLessThan(3 * 20_006);
  expect(parser.held).toBe(20_006);
});
