import { APICallError } from '@ai-sdk/provider';
import { expect, test } from 'vitest';
import { delayBeforeRetry, pause } from './model-retry.ts';

function callError(statusCode: number, responseHeaders: Record<string, string> = {}) {
  return new APICallError({ message: '', url: '', requestBodyValues: {}, statusCode, responseHeaders });
}

test('the delay doubles from half a second, less up to a quarter, and ends with the fourth attempt', () => {
  for (const [attempt, longest] of [
    [1, 500],
    [2, 1000],
    [3, 2000],
  ] as const) {
    for (let sample = 0; sample < 100; sample++) {
      const delay = delayBeforeRetry(callError(500), attempt);
      expect(delay).toBeLessThanOrEqual(longest);
      expect(delay).toBeGreaterThan(longest * 0.75);
    }
  }
  expect(delayBeforeRetry(callError(500), 4)).toBeUndefined();
});

test('a server is taken at its word: milliseconds before seconds before a date, up to half a minute', () => {
  const delay = (headers: Record<string, string>) => delayBeforeRetry(callError(429, headers), 1);
  expect(delay({ 'retry-after-ms': '70', 'retry-after': '9' })).toBe(70);
  expect(delay({ 'retry-after': '9' })).toBe(9000);
  expect(delay({ 'retry-after': new Date(Date.now() + 20_000).toUTCString() })).toBeGreaterThan(18_000);
  expect(delay({ 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' })).toBe(0);
  expect(delay({ 'retry-after': 'soon' })).toBeLessThanOrEqual(500);
  expect(delay({ 'retry-after': '31' })).toBeUndefined();
});

test.each([400, 401, 403, 404, 413, 422])('status %d is not tried again', (status) => {
  expect(delayBeforeRetry(callError(status, { 'retry-after': '1' }), 1)).toBeUndefined();
});

test('an abort ends a pause with its own reason', async () => {
  const ending = new AbortController();
  const paused = pause(60_000, ending.signal);
  ending.abort(new Error('enough'));
  await expect(paused).rejects.toThrow('enough');
  await expect(pause(60_000, ending.signal)).rejects.toThrow('enough');
});
