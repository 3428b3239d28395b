import type OpenAI from 'openai';

/** How OpenAI's own tools are used. */
export interface HostedOptions {
  /** An official client of the account whose models answer: containers, files and vector stores belong to it. */
  openai: Pick<OpenAI, 'containers' | 'files' | 'vectorStores'>;
  /** Of the containers that Python runs in. @default OpenAI's own, 1 GB */
  memoryLimit?: OpenAI.ContainerCreateParams['memory_limit'];
  /** What Python may reach. @default OpenAI's own */
  networkPolicy?: OpenAI.ContainerCreateParams['network_policy'];
  /** Milliseconds that a run waits for files to be searchable at OpenAI before it fails. @default 60000 */
  readyWithin?: number;
}

/** OpenAI's own tools: a choice for `codeInterpreter`, for `fileSearch`, or for both. */
export interface HostedTools {
  readonly hosted: HostedOptions;
}

/**
 * Runs Python, searches files, or both, at OpenAI, for Responses models of `@ai-sdk/openai`. What Python makes is copied
 * into the engine's own files at once; vector stores stay the engine's own, and have copies at OpenAI.
 */
export function hosted(options: HostedOptions): HostedTools {
  return { hosted: options };
}

/** Tells a choice of OpenAI's tools from one of ours. */
export function isHosted(choice: object | undefined): choice is HostedTools {
  return choice !== undefined && 'hosted' in choice;
}
