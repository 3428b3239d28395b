import { createEngine, sqlite } from '@use-assistant/engine';
import OpenAI from 'openai';
import type { Options } from './options.ts';

/** A client, and what ends the engine behind it. */
export interface Connection {
  openai: OpenAI;
  close(): Promise<void>;
}

/** Connects to the engine that was named, or starts one in this process. */
export function connect({ engine: url, data }: Pick<Options, 'engine' | 'data'>): Connection {
  if (url !== undefined) {
    const apiKey = process.env['ENGINE_API_KEY'] || 'none';
    return {
      openai: new OpenAI({ baseURL: url, apiKey, timeout: 20_000, maxRetries: 1 }),
      close: async () => {},
    };
  }
  const engine = createEngine({ storage: sqlite(data) });
  return { openai: engine.openai(), close: () => engine.close() };
}
