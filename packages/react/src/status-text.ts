import type { UseAssistantHelpers } from './types.ts';

/** What `toStatusText` says; every sentence can be replaced, as for another language. */
export interface StatusTexts {
  submitted: string;
  streaming: string;
  loading: string;
  error: (message: string) => string;
  answer: (text: string) => string;
}

const english: StatusTexts = {
  submitted: 'Message sent. The assistant is thinking.',
  streaming: 'The assistant is answering.',
  loading: 'The conversation is being loaded.',
  error: (message) => `Something went wrong. ${message}`,
  answer: (text) => `The assistant has answered: ${text}`,
};

/**
 * What an element with `aria-live="polite"` is to say: how things stand, and the last answer once it is whole. While it
 * is written the text stays the same, so that a screen reader is not interrupted by every word.
 *
 *     <p aria-live="polite" className="visually-hidden">{toStatusText(assistant)}</p>
 */
export function toStatusText(
  {
    status,
    error,
    isLoadingHistory,
    messages,
  }: Pick<UseAssistantHelpers, 'status' | 'error' | 'isLoadingHistory' | 'messages'>,
  texts: Partial<StatusTexts> = {},
): string {
  const say = { ...english, ...texts };
  if (status === 'submitted' || status === 'streaming') return say[status];
  if (error) return say.error(error.message);
  if (isLoadingHistory) return say.loading;
  const last = messages.at(-1);
  return last?.role === 'assistant' && last.content !== '' ? say.answer(last.content) : '';
}
