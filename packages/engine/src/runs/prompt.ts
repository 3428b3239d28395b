import type { LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { codeInterpreterName } from '../tools/code-interpreter.ts';
import { fileSearchInstructions, hasFileSearch } from '../tools/file-search.ts';
import type { Run } from '../wire.ts';
import { fitPrompt, type PromptSection } from './fit-prompt.ts';
import { listInputFiles } from './run-files.ts';
import { assistantText, pushRun, readThread } from './thread-history.ts';
import { attachedNames, searchableNames, userParts } from './user-parts.ts';

/** Whether the run may use Python. */
export function hasCodeInterpreter(run: Run): boolean {
  return run.tools.some((tool) => tool.type === 'code_interpreter');
}

/**
 * Everything the model gets to see for the next turn of the run, in about `budget` tokens; undefined when it cannot be said
 * in so few.
 */
export async function buildPrompt(
  context: EngineContext,
  run: Run,
  budget: number,
): Promise<LanguageModelV4Prompt | undefined> {
  const hasCode = hasCodeInterpreter(run);
  const { messages, runs } = await readThread(context, run);
  const files = hasCode ? await listInputFiles(context.database, run) : [];
  const attached = new Set(
    messages.flatMap(({ message }) => message.attachments.map(({ file_id }) => file_id)),
  );
  /** Files that no message brings: the thread's and the assistant's own. */
  let loose = files.filter((file) => file.isUpload && !attached.has(file.id));

  const searchable = hasFileSearch(run)
    ? await searchableNames(context, messages)
    : new Map<string, string>();

  const sections: PromptSection[] = [];
  // Whoever asks for the last messages gets these and no fewer.
  const isExact = run.truncation_strategy.type === 'last_messages';
  const push = (messages: LanguageModelV4Prompt, isNeeded = isExact) => {
    if (messages.length > 0) sections.push({ messages, isNeeded });
  };
  const system = systemText(context, run);
  if (system !== '') push([{ role: 'system', content: system }], true);
  let nextRun = 0;
  // OpenAI's own tool is not a function: calls of earlier runs are told under a name that is nobody's.
  const pythonName = context.hosted ? 'python' : codeInterpreterName;
  const pushRunsBefore = (sequence: number) => {
    for (; nextRun < runs.length && runs[nextRun]!.afterMessage < sequence; nextRun++) {
      const isSameRun = runs[nextRun]!.id === run.id;
      const said: LanguageModelV4Prompt = [];
      pushRun(said, runs[nextRun]!.steps, texts, isSameRun, pythonName);
      push(said, isSameRun || isExact);
    }
  };
  const texts = new Map(messages.map(({ message }) => [message.id, message]));
  const question = messages.findLast(({ message }) => message.run_id !== run.id)?.message;
  for (const { message, sequence } of messages) {
    pushRunsBefore(sequence);
    // Messages of runs come with their steps.
    if (message.run_id !== null && runs.some(({ id }) => id === message.run_id)) continue;
    if (message.role === 'assistant') {
      const content = assistantText(message);
      if (content.length > 0) push([{ role: 'assistant', content }], message === question || isExact);
      continue;
    }
    const names = [...(hasCode ? attachedNames(message, files) : []), ...loose.map(({ name }) => name)];
    loose = [];
    const content = await userParts(context, message, names, searchable);
    if (content.length > 0) push([{ role: 'user', content }], message === question || isExact);
  }
  pushRunsBefore(Number.POSITIVE_INFINITY);
  return fitPrompt(sections, budget);
}

function systemText(context: EngineContext, run: Run): string {
  const paragraphs = [run.instructions.trim()];
  if (hasCodeInterpreter(run)) {
    paragraphs.push(
      `You can run Python with the tool \`${codeInterpreterName}\`. ${(context.hosted ?? context.code).description} ` +
        'Files of the user lie in /mnt/data. Write files for the user there, and link them in your answer as ' +
        '[name](sandbox:/mnt/data/name).',
    );
  }
  // Where OpenAI searches it tells of citations itself, and the engine writes the markers.
  if (hasFileSearch(run) && !context.mirrors) paragraphs.push(fileSearchInstructions);
  return paragraphs.filter((paragraph) => paragraph !== '').join('\n\n');
}
