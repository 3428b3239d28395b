import type OpenAI from 'openai';

/** How OpenAI's own code interpreter is used. */
export interface HostedOptions {
  /** An official client of the account whose models answer: containers belong to it. */
  openai: Pick<OpenAI, 'containers'>;
  /** @default OpenAI's own, 1 GB */
  memoryLimit?: OpenAI.ContainerCreateParams['memory_limit'];
  /** What Python may reach. @default OpenAI's own */
  networkPolicy?: OpenAI.ContainerCreateParams['network_policy'];
}

/** OpenAI's own code interpreter, as a choice beside the drivers of `@use-assistant/interpreter`. */
export interface HostedCodeInterpreter {
  readonly hosted: HostedOptions;
}

/**
 * Runs Python at OpenAI, in one container for each thread, for Responses models of `@ai-sdk/openai`. What it makes is
 * copied into the engine's own files at once.
 */
export function hosted(options: HostedOptions): HostedCodeInterpreter {
  return { hosted: options };
}

/** Tells the two kinds of choice apart. */
export function isHosted(choice: object | undefined): choice is HostedCodeInterpreter {
  return choice !== undefined && 'hosted' in choice;
}
