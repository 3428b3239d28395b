import type { LanguageModelV2, LanguageModelV3, LanguageModelV4 } from '@ai-sdk/provider';
import type { CodeInterpreter } from '@use-assistant/interpreter';
import OpenAI from 'openai';
import { type EngineLog } from './log.ts';
import { type Storage } from './storage/port.ts';
/** A model object of the AI SDK, of any provider. */
export type EngineModel = LanguageModelV4 | LanguageModelV3 | LanguageModelV2;
/** How to make an engine; every setting has a default. */
export interface EngineOptions {
  /**
   * The model that answers, or a function from the model id of an assistant or run to a model.
   * @default what the environment names: see `resolveModel`
   */
  model?: EngineModel | ((modelId: string) => EngineModel | Promise<EngineModel>) | undefined;
  /**
   * Where everything is kept.
   * @default sqlite('.data')
   */
  storage?: Storage | undefined;
  /**
   * How Python is run.
   * @default pyodide()
   */
  codeInterpreter?: CodeInterpreter | undefined;
  /** When given, every request must bring it as `Authorization: Bearer`. */
  apiKey?: string | undefined;
  /**
   * Takes what the engine has to say to its operator.
   * @default warnings and errors to standard error
   */
  log?: EngineLog | undefined;
}
/** The Assistants API v2, in this process. */
export interface Engine {
  /** Answers a request to `/v1/…`. Usable as the `fetch` of an `openai` client: nothing leaves the process. */
  fetch(input: Request | string | URL, init?: RequestInit): Promise<Response>;
  /** An official client that speaks to this engine. */
  openai(): OpenAI;
  /** Resolves once the storage is open; rejects with a sentence that says why it cannot be. */
  ready(): Promise<void>;
  /** Ends active runs, stores their ends, closes Python and the storage. */
  close(): Promise<void>;
}
/**
 * Makes an engine. The storage is opened at once; requests wait for it, and are answered with the reason when it cannot
 * be opened.
 */
export declare function createEngine(options?: EngineOptions): Engine;
//# sourceMappingURL=create-engine.d.ts.map
