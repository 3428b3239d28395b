import type { UseChatHelpers } from '@ai-sdk/react';
import { expect, test } from 'vitest';
import type { AssistantTypes, ChatMessage, ChatMessageOf, UseAssistantHelpers } from './index.ts';

interface Types extends AssistantTypes {
  tools: { paint: { input: { room: string }; output: { painted: boolean } } };
  data: { weather: { city: string } };
  metadata: { score: number };
}

test('What the hook gives can stand wherever useChat’s helpers are asked for.', () => {
  const take = (helpers: UseAssistantHelpers): UseChatHelpers<ChatMessage> => helpers;
  // Theirs takes the output of any tool here; ours of those that there are alone.
  const takeTyped = (
    helpers: UseAssistantHelpers<Types>,
  ): Omit<UseChatHelpers<ChatMessageOf<Types>>, 'addToolOutput' | 'addToolResult'> => helpers;
  // @ts-expect-error a part of them is not enough
  const takeLess = (helpers: Pick<UseAssistantHelpers, 'messages'>): UseChatHelpers<ChatMessage> => helpers;
  expect([take, takeTyped, takeLess]).toHaveLength(3);
});
