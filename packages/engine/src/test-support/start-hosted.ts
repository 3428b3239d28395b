import { createOpenAI } from '@ai-sdk/openai';
import {
  startResponsesServer,
  type ResponsesServer,
  type ResponsesServerOptions,
} from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import type { EngineOptions } from '../create-engine.ts';
import { hosted } from '../hosted/hosted.ts';
import { startEngine, type StartedEngine } from './start-engine.ts';

export interface HostedEngine extends StartedEngine {
  server: ResponsesServer;
  /** Another engine before the same server. */
  again(options?: EngineOptions): StartedEngine;
  /** An assistant with code interpreter, and whatever functions are named. */
  python(functions?: string[]): Promise<string>;
}

/** An engine whose model and Python are a stand-in for OpenAI's, spoken to by the official clients. */
export async function startHosted(
  answer: ResponsesServerOptions['answer'],
  options: Pick<ResponsesServerOptions, 'uploadPath'> & EngineOptions = {},
): Promise<HostedEngine> {
  const { uploadPath, ...settings } = options;
  const server = await startResponsesServer({ answer, ...(uploadPath && { uploadPath }) });
  onTestFinished(() => server.close());
  const access = { apiKey: 'none', baseURL: server.url };
  const provider = createOpenAI(access);
  const again = (more: EngineOptions = {}) =>
    startEngine({
      model: (id) => provider.responses(id),
      codeInterpreter: hosted({ openai: new OpenAI({ ...access, maxRetries: 1 }) }),
      ...more,
    });
  const started = again(settings);
  return {
    ...started,
    server,
    again,
    python: (functions = []) =>
      started.assistant({
        model: 'gpt-5',
        tools: [
          { type: 'code_interpreter' },
          ...functions.map((name) => ({ type: 'function' as const, function: { name } })),
        ],
      }),
  };
}
