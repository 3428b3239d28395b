import type { AbstractChat, UIMessage } from 'ai';
import { expect, test } from 'vitest';
import type { ChatMessage, UseAssistantHelpers } from './index.ts';

/** `UseChatHelpers` of @ai-sdk/react 4, from the fields it names: components for `useChat` ask for no more. */
type UseChatHelpers<Message extends UIMessage> = {
  readonly id: string;
  setMessages: (messages: Message[] | ((messages: Message[]) => Message[])) => void;
  error: Error | undefined;
  experimental_queuedMessages: Message[];
} & Pick<
  AbstractChat<Message>,
  | 'sendMessage'
  | 'regenerate'
  | 'stop'
  | 'resumeStream'
  | 'addToolResult'
  | 'addToolOutput'
  | 'addToolApprovalResponse'
  | 'status'
  | 'messages'
  | 'clearError'
  | 'experimental_removeQueuedMessage'
  | 'experimental_sendQueuedMessageNow'
>;

test('What the hook gives can stand wherever useChat’s helpers are asked for.', () => {
  const take = (helpers: UseAssistantHelpers): UseChatHelpers<ChatMessage> => helpers;
  expect(take).toBeTypeOf('function');
});
