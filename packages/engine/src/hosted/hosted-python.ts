import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import { codeInterpreterName, type InputFile } from '../tools/code-interpreter.ts';
import type { HostedContainers, OpenContainer } from './hosted-containers.ts';
import { goneFailure, isContainerGone } from './hosted-errors.ts';
import { replaceFunction, type HostedTool } from './hosted-model.ts';

/** OpenAI's code interpreter: each call brings the thread's container with the files in it. */
export function hostedPython(
  containers: HostedContainers,
  thread: { id: string; inputFiles: () => Promise<InputFile[]> },
): HostedTool {
  let isLost = false;
  return {
    name: 'code interpreter',
    isGone: isContainerGone,
    goneFailure,
    async renew() {
      isLost = true;
    },
    async prepare(options, signal) {
      const inputs = await thread.inputFiles();
      const { id, moved } = isLost
        ? await containers.renew(thread.id, inputs, signal)
        : await containers.open(thread.id, inputs, signal);
      isLost = false;
      const prompt = moved.length > 0 ? withPlaces(options.prompt, moved) : options.prompt;
      return replaceFunction({ ...options, prompt }, codeInterpreterName, 'openai.code_interpreter', {
        container: id,
      });
    },
  };
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
