import OpenAI from 'openai';
import { createAssistantHandler } from '../index.ts';
import type { AssistantHandler } from '../index.ts';

/** A whole back end for runtimes without Node: what a Worker exports. The engine is reached by HTTP. */
function createBackEnd(engine: string): AssistantHandler {
  return createAssistantHandler({
    openai: () => new OpenAI({ apiKey: 'none', baseURL: `${engine}/v1`, maxRetries: 0 }),
    assistant: { name: 'Runtimes', model: 'scripted' },
    secret: 'a secret for tests',
    onDisconnect: 'cancel',
    limits: { maxFileSize: 1_000_000 },
  });
}

let backEnd: AssistantHandler | undefined;

export default {
  fetch(request: Request, env: { ENGINE: string }): Promise<Response> {
    backEnd ??= createBackEnd(env.ENGINE);
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    return backEnd[method as keyof AssistantHandler](request);
  },
};
