import { stockPrices } from 'example-assistants';
import OpenAI from 'openai';
import { createChatRoute } from '../lib/chat-route.ts';

/** The route as an edge function has it: the engine is a server elsewhere. */
export function createRoute(baseURL: string): (request: Request) => Promise<Response> {
  return createChatRoute({
    openai: () => new OpenAI({ baseURL, apiKey: 'none', maxRetries: 0 }),
    assistant: { name: 'Deep Chat', model: 'default' },
    tools: stockPrices,
  });
}
