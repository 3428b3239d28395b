import type {
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';

/** The names under which the engine offers its own tools. */
export const codeInterpreterName = 'code_interpreter';
export const fileSearchName = 'file_search';

/** What became of one tool call of the turn that is being answered. */
export interface ToolOutcome {
  toolName: string;
  input: unknown;
  value: JSONValue;
  /** Why there is no value, when the tool failed or was refused. */
  failure?: string;
}

/** A prompt, read for what the rules need. */
export interface Conversation {
  /** What the user asks now, without the list of attached files. */
  question: string;
  /** The names of the files that came with the question, as they lie below `/mnt/data`. */
  files: string[];
  /** The names of the files of earlier questions, newest first. */
  earlierFiles: string[];
  /** The names of the files that came with the question for file search. */
  searchable: string[];
  /** The names of such files of earlier questions, newest first. */
  earlierSearchable: string[];
  /** The function tools offered, other than the engine's own. */
  functions: LanguageModelV4FunctionTool[];
  canRunCode: boolean;
  canSearch: boolean;
  /** Whether the caller insists on a tool call. */
  mustCallTool: boolean;
  /** How many calls one turn may make. */
  callLimit: number;
  /** The results since the question, in the order of their calls. */
  outcomes: ToolOutcome[];
}

// A question is short; what lies beyond this is quoted material that no rule needs to look at.
const questionLimit = 20_000;

/** Reads the options of a model call. Nothing is remembered between calls: the prompt is all there is. */
export function readConversation(options: LanguageModelV4CallOptions): Conversation {
  const { prompt } = options;
  const lastUser = prompt.findLastIndex((message) => message.role === 'user');
  // Messages that follow each other without an answer between them are one question.
  const lastAnswer = prompt.findLastIndex(
    (message, index) => index < lastUser && message.role === 'assistant',
  );

  let question = '';
  const files: string[] = [];
  const earlierFiles: string[] = [];
  const searchable: string[] = [];
  const earlierSearchable: string[] = [];
  for (const [index, message] of prompt.entries()) {
    if (message.role !== 'user') continue;
    const { text, attached, toSearch } = readUserMessage(message);
    if (index > lastAnswer) {
      files.push(...attached);
      searchable.push(...toSearch);
      if (text !== '') question = text;
    } else {
      earlierFiles.unshift(...attached);
      earlierSearchable.unshift(...toSearch);
    }
  }

  const choice = options.toolChoice ?? { type: 'auto' };
  const offered = (options.tools ?? []).filter(
    (tool) =>
      tool.type === 'function' &&
      choice.type !== 'none' &&
      (choice.type !== 'tool' || choice.toolName === tool.name),
  ) as LanguageModelV4FunctionTool[];
  return {
    question: question.slice(0, questionLimit),
    files: [...new Set(files)],
    earlierFiles: [...new Set(earlierFiles)],
    searchable: [...new Set(searchable)],
    earlierSearchable: [...new Set(earlierSearchable)],
    functions: offered.filter((tool) => tool.name !== codeInterpreterName && tool.name !== fileSearchName),
    canRunCode: offered.some((tool) => tool.name === codeInterpreterName),
    canSearch: offered.some((tool) => tool.name === fileSearchName),
    mustCallTool: choice.type === 'required' || choice.type === 'tool',
    callLimit: options.providerOptions?.['openai']?.['parallelToolCalls'] === false ? 1 : 16,
    outcomes: readOutcomes(prompt.slice(lastUser + 1)),
  };
}

const pythonItem = '- /mnt/data/';
const searchItem = '- ';

/**
 * The engine lists attached files in text parts of their own: a heading, then one path or name a line. Those for Python
 * and those for file search have each their list.
 */
function readUserMessage(message: Extract<LanguageModelV4Message, { role: 'user' }>): {
  text: string;
  attached: string[];
  toSearch: string[];
} {
  const lines: string[] = [];
  const attached: string[] = [];
  const toSearch: string[] = [];
  for (const part of message.content) {
    if (part.type !== 'text') continue;
    let list: { item: string; names: string[] } | undefined;
    for (const line of part.text.split('\n')) {
      const name = list && line.startsWith(list.item) ? line.slice(list.item.length).trimEnd() : '';
      if (/^Attached files:\s*$/.test(line)) list = { item: pythonItem, names: attached };
      else if (/^Files to search:\s*$/.test(line)) list = { item: searchItem, names: toSearch };
      else if (list && name !== '') list.names.push(name);
      else {
        list = undefined;
        lines.push(line);
      }
    }
  }
  return { text: lines.join('\n').trim(), attached, toSearch };
}

function readOutcomes(messages: LanguageModelV4Message[]): ToolOutcome[] {
  const inputs = new Map<string, unknown>();
  const outcomes: ToolOutcome[] = [];
  for (const message of messages) {
    if (message.role !== 'assistant' && message.role !== 'tool') continue;
    for (const part of message.content) {
      if (part.type === 'tool-call') inputs.set(part.toolCallId, part.input);
      if (part.type !== 'tool-result') continue;
      outcomes.push({
        toolName: part.toolName,
        input: inputs.get(part.toolCallId),
        ...readOutput(part.output),
      });
    }
  }
  return outcomes;
}

function readOutput(output: LanguageModelV4ToolResultOutput): Pick<ToolOutcome, 'value' | 'failure'> {
  switch (output.type) {
    case 'json':
      return { value: output.value };
    case 'text':
      return { value: parseIfJson(output.value) };
    case 'error-text':
      return { value: null, failure: output.value };
    case 'error-json':
      return { value: null, failure: JSON.stringify(output.value) };
    case 'execution-denied':
      return { value: null, failure: output.reason ?? 'the call was not approved' };
    case 'content':
      return { value: output.value.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n') };
  }
}

/** Function results travel as text, whatever they are. */
function parseIfJson(text: string): JSONValue {
  try {
    return JSON.parse(text) as JSONValue;
  } catch {
    return text;
  }
}
