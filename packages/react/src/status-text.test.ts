import { AssistantError } from '@use-assistant/client';
import type { ChatMessage } from '@use-assistant/client';
import { expect, test } from 'vitest';
import { toStatusText } from './status-text.ts';

const answer = (content: string): ChatMessage => ({ id: content, role: 'assistant', content, parts: [] });
const quiet = { status: 'ready' as const, error: undefined, isLoadingHistory: false, messages: [] };

test('While an answer is written the text does not change; when it is whole, the text is the answer.', () => {
  expect(toStatusText(quiet)).toBe('');
  const texts = ['H', 'Hel', 'Hello'].map((content) =>
    toStatusText({ ...quiet, status: 'streaming', messages: [answer(content)] }),
  );
  expect(new Set(texts)).toEqual(new Set(['The assistant is answering.']));
  expect(toStatusText({ ...quiet, messages: [answer('Hello')] })).toBe('The assistant has answered: Hello');
});

test('It tells of what is waited for and of what went wrong.', () => {
  expect(toStatusText({ ...quiet, status: 'submitted' })).toContain('thinking');
  expect(toStatusText({ ...quiet, isLoadingHistory: true })).toContain('loaded');
  const error = new AssistantError('network', 'The server could not be reached.');
  expect(toStatusText({ ...quiet, status: 'error', error, messages: [answer('Old')] })).toContain(
    error.message,
  );
});

test('The sentences can be in another language.', () => {
  const texts = { streaming: 'Der Assistent antwortet.' };
  expect(toStatusText({ ...quiet, status: 'streaming' }, texts)).toBe('Der Assistent antwortet.');
});
