import { expect, it } from 'vitest';
import { parseChildMessage } from './messages.ts';

it('takes what a child says about its start, and refuses what is none of it', () => {
  const bytes = new Uint8Array(1);
  expect(parseChildMessage({ type: 'booted', bytes, more: 1 })).toEqual({ type: 'booted', bytes });
  expect(parseChildMessage({ type: 'broken', reason: 'x' })).toEqual({ type: 'broken', reason: 'x' });
  expect(parseChildMessage({ type: 'booted', bytes: 'x' })).toBeUndefined();
  expect(parseChildMessage({ type: 'broken', reason: 7 })).toBeUndefined();
});
