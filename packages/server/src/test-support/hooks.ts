import { tool } from 'ai';
import { z } from 'zod';
import type { AssistantHandlerOptions } from '../handler/options.ts';
import { canary, sing } from './scripts.ts';

/** What a back end may be told to do, where options must be named: in a worker no test can leave a function. */
export type Hooks = Partial<AssistantHandlerOptions>;

const inputSchema = z.object({ room: z.string() });
const paint = tool({ inputSchema, needsApproval: true, execute: async () => 'painted' });
const look = tool({ inputSchema, execute: async () => 'dark' });

/** Functions, one of which a person must allow. */
export const tools: Hooks = { tools: { paint, look } };

/** Options that throw, each in its place. */
export const singing: Record<string, Hooks> = {
  authorize: { authorize: sing },
  'a client that cannot be made': { openai: sing },
  onError: { authorize: sing, onError: sing },
  rateLimit: { ...tools, rateLimit: sing },
  'the index of threads': { ...tools, threads: { touch: sing, remove: sing, list: sing } },
  waitUntil: { ...tools, waitUntil: sing },
  needsApproval: {
    tools: { paint: tool({ inputSchema, needsApproval: sing, execute: async () => '' }), look },
  },
  'a tool': { tools: { paint, look: tool({ inputSchema, execute: async (): Promise<string> => sing() }) } },
  'a tool that rejects with a string': {
    tools: { paint, look: tool({ inputSchema, execute: (): Promise<string> => Promise.reject(canary) }) },
  },
  'a tool that makes progress': {
    tools: {
      paint,
      look: tool({
        inputSchema,
        async *execute() {
          yield 'begun';
          sing();
        },
      }),
    },
  },
  'a schema': {
    tools: { paint, look: tool({ inputSchema: inputSchema.refine(sing), execute: async () => '' }) },
  },
};
