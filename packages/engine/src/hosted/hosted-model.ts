import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4ProviderTool,
  LanguageModelV4StreamPart,
} from '@ai-sdk/provider';
import { RunFailure } from '../runs/run-failure.ts';
import { inOrder } from './part-order.ts';

/** A tool of OpenAI's that takes the place of one of our functions, for one run. */
export interface HostedTool {
  /** As people call it. */
  name: string;
  /** Gets ready what the tool works with, and puts it into the call. */
  prepare(options: LanguageModelV4CallOptions, signal: AbortSignal): Promise<LanguageModelV4CallOptions>;
  /** Whether the call failed because what the tool works with is there no more. */
  isGone(error: unknown): boolean;
  /** What the run fails with when it is gone once more, this very moment after it was made. */
  goneFailure(error: unknown): RunFailure;
  /** Sees to it that it is made anew when it is got ready again. */
  renew(): Promise<void>;
  /** Changes what the model answers with. */
  read?(stream: ReadableStream<LanguageModelV4StreamPart>): ReadableStream<LanguageModelV4StreamPart>;
}

/**
 * The model with tools of OpenAI in place of ours. What turns out to be gone is made anew, filled again, and the call
 * made once more.
 */
export function hostedModel(model: LanguageModelV4, tools: HostedTool[]): LanguageModelV4 {
  if (!model.provider.endsWith('.responses')) {
    throw new RunFailure(
      'server_error',
      `The hosted ${tools[0]!.name} needs an OpenAI Responses model, which "${model.modelId}" is not.`,
    );
  }
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const signal = options.abortSignal ?? new AbortController().signal;
      const renewed = new Set<HostedTool>();
      for (;;) {
        let prepared = options;
        for (const tool of tools) prepared = await tool.prepare(prepared, signal);
        try {
          const result = await model.doStream(prepared);
          const stream = tools.reduce((parts, tool) => tool.read?.(parts) ?? parts, result.stream);
          return { ...result, stream: inOrder(stream) };
        } catch (error) {
          signal.throwIfAborted();
          const tool = tools.find((one) => one.isGone(error));
          if (!tool) throw error;
          if (renewed.has(tool)) throw tool.goneFailure(error);
          renewed.add(tool);
          await tool.renew();
        }
      }
    },
  };
}

/** The call with a tool of OpenAI's in place of our function of that name. */
export function replaceFunction(
  options: LanguageModelV4CallOptions,
  name: string,
  id: LanguageModelV4ProviderTool['id'],
  args: LanguageModelV4ProviderTool['args'],
): LanguageModelV4CallOptions {
  const tools = options.tools?.map((tool): LanguageModelV4FunctionTool | LanguageModelV4ProviderTool =>
    tool.type === 'function' && tool.name === name ? { type: 'provider', id, name, args } : tool,
  );
  return { ...options, ...(tools && { tools }) };
}
