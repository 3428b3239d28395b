import { expect, it } from 'vitest';
import { AssistantError } from './errors.ts';

it('knows an error of another copy of the package', () => {
  const marker = Symbol.for('use-assistant.error');
  expect(AssistantError.isInstance(Object.assign(new Error('x'), { [marker]: true }))).toBe(true);
  expect(AssistantError.isInstance(new AssistantError('network', 'x'))).toBe(true);
  for (const other of [new Error('x'), null, undefined, 'x', {}])
    expect(AssistantError.isInstance(other)).toBe(false);
});

it.each([
  [undefined, undefined, false],
  [400, undefined, false],
  [408, undefined, true],
  [429, undefined, true],
  [503, undefined, true],
  [503, false, false],
  [undefined, true, true],
])('with status %s and isRetryable %s is retryable: %s', (status, given, expected) => {
  const options = {
    ...(status !== undefined && { status }),
    ...(given !== undefined && { isRetryable: given }),
  };
  expect(new AssistantError('server_error', 'x', options).isRetryable).toBe(expected);
});
