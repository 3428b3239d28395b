import { expect, test } from '@playwright/test';

test.describe('a group', () => {
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants the first parameter to be a pattern.
  test('passes when it is tried again', ({}, { retry }) => expect(retry).toBe(1));
  test('fails whenever it is tried', () => expect(1).toBe(2));
  test('passes', () => expect(1).toBe(1));
});
