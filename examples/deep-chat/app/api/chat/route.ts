import { home, stockPrices, weather } from 'example-assistants';
import { createChatRoute } from '../../../lib/chat-route.ts';
import { engine } from '../../../lib/engine.ts';

export const dynamic = 'force-dynamic';
export const maxDuration = 120;

export const POST = createChatRoute({
  // Asked for at the first request: a build loads this file too, and must leave no data behind.
  openai: () => engine().openai(),
  assistant: {
    name: 'Deep Chat',
    instructions:
      'You are a helpful assistant. Work out what can be computed with the code interpreter, look at attached files, and ' +
      'save charts and tables as files in /mnt/data.',
    model: 'default',
  },
  tools: { ...weather, ...stockPrices, ...home },
});
