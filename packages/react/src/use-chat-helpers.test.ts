import type { UseChatHelpers } from '@ai-sdk/react';
import type { AbstractChat } from 'ai';
import { expect, test } from 'vitest';
import type { AssistantTypes, ChatMessage, ChatMessageOf, UseAssistantHelpers } from './index.ts';

interface Types extends AssistantTypes {
  tools: { paint: { input: { room: string }; output: { painted: boolean } } };
  data: { weather: { city: string } };
  metadata: { score: number };
}

// As `UseChatHelpers` picks it, but from our copy of `ai`: that of the hook is another here, and finds no tools in our message.
type Giving = Pick<AbstractChat<ChatMessageOf<Types>>, 'addToolOutput' | 'addToolResult'>;

test('What the hook gives can stand wherever useChat’s helpers are asked for.', () => {
  const take = (helpers: UseAssistantHelpers): UseChatHelpers<ChatMessage> => helpers;
  const takeTyped = (
    helpers: UseAssistantHelpers<Types>,
  ): Omit<UseChatHelpers<ChatMessageOf<Types>>, keyof Giving> => helpers;
  const takeGiving = (helpers: UseAssistantHelpers<Types>): Giving => helpers;
  // A component that was written for our way to give an output takes theirs as well.
  const give = (helpers: UseChatHelpers<ChatMessage>): UseAssistantHelpers['addToolOutput'] =>
    helpers.addToolOutput;
  const giveTyped = (helpers: Giving): Pick<UseAssistantHelpers<Types>, keyof Giving> => helpers;
  // @ts-expect-error a part of them is not enough
  const takeLess = (helpers: Pick<UseAssistantHelpers, 'messages'>): UseChatHelpers<ChatMessage> => helpers;
  expect([take, takeTyped, takeGiving, give, giveTyped, takeLess]).toHaveLength(6);
});
