import { describe, expect, it } from 'vitest';

let tries = 0;

describe('a group', () => {
  it('passes when it is tried again', () => expect((tries += 1)).toBe(2));
  it('fails whenever it is tried', () => expect(tries).toBe(0));
  it('passes', () => expect(1).toBe(1));
});
