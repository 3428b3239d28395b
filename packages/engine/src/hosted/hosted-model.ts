import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import { RunFailure } from '../runs/run-failure.ts';
import { codeInterpreterName, type InputFile } from '../tools/code-interpreter.ts';
import { goneFailure, isContainerGone } from './container-errors.ts';
import type { HostedContainers, OpenContainer } from './hosted-containers.ts';
import { inOrder } from './part-order.ts';

/**
 * The model with OpenAI's own code interpreter in place of ours: each call brings the thread's container with the
 * files in it. A container that turns out to have expired is made anew, filled again, and the call made once more.
 */
export function hostedModel(
  model: LanguageModelV4,
  containers: HostedContainers,
  thread: { id: string; inputFiles: () => Promise<InputFile[]> },
): LanguageModelV4 {
  if (!model.provider.endsWith('.responses')) {
    throw new RunFailure(
      'server_error',
      `The hosted code interpreter needs an OpenAI Responses model, which "${model.modelId}" is not.`,
    );
  }
  return {
    specificationVersion: 'v4',
    provider: model.provider,
    modelId: model.modelId,
    supportedUrls: model.supportedUrls,
    doGenerate: (options) => model.doGenerate(options),
    async doStream(options) {
      const inputs = await thread.inputFiles();
      const signal = options.abortSignal;
      const container = await containers.open(thread.id, inputs, signal);
      const call = async (open: OpenContainer) => {
        const result = await model.doStream(withContainer(options, open));
        return { ...result, stream: inOrder(result.stream) };
      };
      try {
        return await call(container);
      } catch (error) {
        signal?.throwIfAborted();
        if (!isContainerGone(error)) throw error;
        const renewed = await containers.renew(thread.id, inputs, signal);
        return await call(renewed).catch((again: unknown) => {
          throw isContainerGone(again) ? goneFailure(again) : again;
        });
      }
    },
  };
}

function withContainer(
  options: LanguageModelV4CallOptions,
  { id, moved }: OpenContainer,
): LanguageModelV4CallOptions {
  const tools = options.tools?.map((tool) =>
    tool.type === 'function' && tool.name === codeInterpreterName
      ? {
          type: 'provider' as const,
          id: 'openai.code_interpreter' as const,
          name: codeInterpreterName,
          args: { container: id },
        }
      : tool,
  );
  const prompt = moved.length > 0 ? withPlaces(options.prompt, moved) : options.prompt;
  return { ...options, prompt, ...(tools && { tools }) };
}

/** OpenAI may store a file under another name than it was sent with: the model must know where to look. */
function withPlaces(prompt: LanguageModelV4Prompt, moved: OpenContainer['moved']): LanguageModelV4Prompt {
  const last = prompt.findLastIndex(({ role }) => role === 'user');
  const list = moved.map(({ name, path }) => `- /mnt/data/${name} lies at ${path}`).join('\n');
  return prompt.map((message, index) =>
    index === last && message.role === 'user'
      ? { ...message, content: [...message.content, { type: 'text', text: `Places of files:\n${list}` }] }
      : message,
  );
}
