import { expect, it } from 'vitest';
import { controlledStream } from './controlled-stream.ts';

it('shows when its reader asks, stalls and leaves', async () => {
  const source = controlledStream<string>();
  const reader = source.stream.getReader();
  expect([source.pulls, source.desiredSize]).toEqual([0, 0]);
  const first = reader.read();
  await source.pulled();
  source.push('a');
  expect(await first).toEqual({ done: false, value: 'a' });
  source.push('b');
  source.push('c');
  expect([source.pulls, source.desiredSize]).toEqual([1, -2]);
  await reader.cancel('enough');
  expect([source.isCancelled, await source.cancelled]).toEqual([true, 'enough']);
});

it('closes and fails at a word', async () => {
  const closed = controlledStream();
  closed.close();
  expect(await closed.stream.getReader().read()).toEqual({ done: true, value: undefined });
  const failed = controlledStream();
  failed.fail(new Error('lost'));
  await expect(failed.stream.getReader().read()).rejects.toThrow('lost');
  expect(failed.desiredSize).toBeNull();
});
