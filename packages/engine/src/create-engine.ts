import OpenAI from 'openai';
import { createHandler, type EngineHandler, type EngineOptions } from './engine-handler.ts';

export type { EngineModel, EngineOptions } from './engine-handler.ts';

/** The Assistants API v2, in this process. */
export interface Engine extends EngineHandler {
  /** An official client that speaks to this engine. */
  openai(): OpenAI;
}

/**
 * Makes an engine. Nothing is opened before the first request or `ready()`: a build that loads the module leaves no data
 * behind. When the storage cannot be opened, every request is answered with the reason.
 */
export function createEngine(options: EngineOptions = {}): Engine {
  const handler = createHandler(options);
  return {
    ...handler,
    openai: () =>
      new OpenAI({
        apiKey: options.apiKey ?? 'none',
        baseURL: 'http://engine.local/v1',
        fetch: (input, init) => handler.fetch(input, init),
        // Nothing between the two can fail for a moment.
        maxRetries: 0,
      }),
  };
}
