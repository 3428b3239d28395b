import { expect, it } from 'vitest';
import { drip, everyPairOfCuts, everySplit, streamOf } from './split-bytes.ts';

const bytes = Uint8Array.of(1, 2, 3, 4);
const toText = (pieces: Uint8Array[]) => pieces.map((piece) => piece.join('')).join(' ');

it('gives the bytes whole, in every cut, and one by one', () => {
  expect([...everySplit(bytes)].map(toText)).toEqual(['1234', '1 234', '12 34', '123 4', '1 2 3 4']);
  expect([...everyPairOfCuts(bytes)].map(toText)).toEqual(['1 2 34', '1 23 4', '12 3 4']);
});

it('streams the pieces as they are', async () => {
  const pieces: Uint8Array[] = [];
  for await (const piece of streamOf(drip(bytes))) pieces.push(piece);
  expect(toText(pieces)).toBe('1 2 3 4');
});
