import { createEngine, sqlite, type Engine } from '@use-assistant/engine';
import type OpenAI from 'openai';

// Routes are bundled apart, and `next dev` loads a changed module again; the engine is one all the same.
const shared = globalThis as { nextChatEngine?: Engine };

/** The client of the engine in this process. Made when first asked for: a build loads the routes too, and leaves no data. */
export function openai(): OpenAI {
  shared.nextChatEngine ??= createEngine({ storage: sqlite('.data') });
  return shared.nextChatEngine.openai();
}
