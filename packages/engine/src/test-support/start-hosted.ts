import { createOpenAI } from '@ai-sdk/openai';
import {
  startResponsesServer,
  type ResponsesServer,
  type ResponsesServerOptions,
} from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { onTestFinished } from 'vitest';
import type { EngineOptions } from '../create-engine.ts';
import { hosted, type HostedOptions } from '../hosted/hosted.ts';
import { startEngine, type StartedEngine } from './start-engine.ts';

export interface HostedEngine extends StartedEngine {
  server: ResponsesServer;
  /** Another engine before the same server. */
  again(options?: EngineOptions): StartedEngine;
  /** An official client of the stand-in. */
  there: OpenAI;
  /** An assistant with code interpreter, and whatever functions are named. */
  python(functions?: string[]): Promise<string>;
}

/** An engine whose model, Python and file search are a stand-in for OpenAI's, spoken to by the official clients. */
export async function startHosted(
  answer: ResponsesServerOptions['answer'],
  options: Pick<ResponsesServerOptions, 'uploadPath'> &
    Pick<HostedOptions, 'readyWithin'> &
    EngineOptions = {},
): Promise<HostedEngine> {
  const { uploadPath, readyWithin = 60_000, ...settings } = options;
  const server = await startResponsesServer({ answer, ...(uploadPath && { uploadPath }) });
  onTestFinished(() => server.close());
  const access = { apiKey: 'none', baseURL: server.url };
  const provider = createOpenAI(access);
  const there = new OpenAI({ ...access, maxRetries: 1 });
  const tools = hosted({ openai: there, readyWithin });
  const again = (more: EngineOptions = {}) =>
    startEngine({
      model: (id) => provider.responses(id),
      codeInterpreter: tools,
      fileSearch: tools,
      ...more,
    });
  const started = again(settings);
  return {
    ...started,
    server,
    again,
    there,
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
