import type {
  JSONSchema7,
  JSONValue,
  LanguageModelV4CallOptions,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCall,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider';
import { offlineModel } from '../offline-model.ts';

/** The engine's code interpreter, as the model is offered it. */
export const codeInterpreterTool: LanguageModelV4FunctionTool = {
  type: 'function',
  name: 'code_interpreter',
  description: 'Runs Python.',
  inputSchema: { type: 'object', properties: { code: { type: 'string' } }, required: ['code'] },
};

export function functionTool(
  name: string,
  description: string,
  properties: Record<string, JSONSchema7>,
  required = Object.keys(properties),
): LanguageModelV4FunctionTool {
  return { type: 'function', name, description, inputSchema: { type: 'object', properties, required } };
}

/** A user message as the engine writes it: the text, then a part that lists the attached files. */
export function userMessage(text: string, files: string[] = []): LanguageModelV4Message {
  const list = `Attached files:\n${files.map((file) => `- /mnt/data/${file}`).join('\n')}`;
  return {
    role: 'user',
    content: [
      ...(text === '' ? [] : [{ type: 'text' as const, text }]),
      ...(files.length === 0 ? [] : [{ type: 'text' as const, text: list }]),
    ],
  };
}

/** One model turn, streamed, checked for form and read back. */
export interface StreamedTurn {
  text: string;
  calls: LanguageModelV4ToolCall[];
  parts: LanguageModelV4StreamPart[];
}

export async function streamTurn(options: LanguageModelV4CallOptions): Promise<StreamedTurn> {
  const { stream } = await offlineModel({ wordDelay: 0 }).doStream(options);
  const parts: LanguageModelV4StreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return { ...checkStream(parts), parts };
}

/** Throws unless the parts are a well-formed stream. */
export function checkStream(parts: LanguageModelV4StreamPart[]): {
  text: string;
  calls: LanguageModelV4ToolCall[];
} {
  const fail = (what: string): never => {
    throw new Error(`${what} in ${JSON.stringify(parts.map((part) => part.type))}`);
  };
  if (parts[0]?.type !== 'stream-start') fail('no stream-start');
  if (parts.at(-1)?.type !== 'finish') fail('no finish at the end');
  const open = new Map<string, string>();
  const inputs = new Map<string, string>();
  const calls: LanguageModelV4ToolCall[] = [];
  let text = '';
  for (const part of parts) {
    if (part.type === 'text-start' || part.type === 'tool-input-start') {
      if (open.size > 0) fail('two parts open at once');
      open.set(part.id, '');
    } else if (part.type === 'text-delta' || part.type === 'tool-input-delta') {
      if (part.delta === '') fail('an empty delta');
      open.set(part.id, (open.get(part.id) ?? fail('a delta without a start')) + part.delta);
    } else if (part.type === 'text-end') {
      text += open.get(part.id) ?? fail('an end without a start');
      open.delete(part.id);
    } else if (part.type === 'tool-input-end') {
      inputs.set(part.id, open.get(part.id) ?? fail('an end without a start'));
      open.delete(part.id);
    } else if (part.type === 'tool-call') {
      if (inputs.get(part.toolCallId) !== part.input) fail('a tool call that differs from its deltas');
      JSON.parse(part.input);
      calls.push(part);
    }
  }
  if (open.size > 0) fail('a part left open');
  return { text, calls };
}

/** Answers a tool call. */
export type Executor = (
  toolName: string,
  input: Record<string, unknown>,
) => Promise<LanguageModelV4ToolResultOutput>;

/** A whole run: turns until the model stops calling tools. */
export interface Run {
  text: string;
  /** The tool calls of every turn. */
  turns: { toolName: string; input: Record<string, unknown> }[][];
  results: LanguageModelV4ToolResultOutput[];
  prompt: LanguageModelV4Message[];
}

export async function converse(
  prompt: LanguageModelV4Message[],
  tools: LanguageModelV4FunctionTool[],
  execute: Executor,
): Promise<Run> {
  const run: Run = { text: '', turns: [], results: [], prompt: [...prompt] };
  for (let turn = 0; turn < 4; turn++) {
    const { text, calls } = await streamTurn({ prompt: run.prompt, tools });
    run.text += text;
    if (calls.length === 0) {
      run.prompt.push({ role: 'assistant', content: [{ type: 'text', text }] });
      return run;
    }
    const read = calls.map(({ toolCallId, toolName, input }) => {
      return { toolCallId, toolName, input: JSON.parse(input) as Record<string, unknown> };
    });
    run.turns.push(read.map(({ toolName, input }) => ({ toolName, input })));
    run.prompt.push({
      role: 'assistant',
      content: read.map(({ toolCallId, toolName, input }) => ({
        type: 'tool-call',
        toolCallId,
        toolName,
        input,
      })),
    });
    const outputs = await Promise.all(read.map(({ toolName, input }) => execute(toolName, input)));
    run.results.push(...outputs);
    run.prompt.push({
      role: 'tool',
      content: read.map(({ toolCallId, toolName }, index) => ({
        type: 'tool-result',
        toolCallId,
        toolName,
        output: outputs[index]!,
      })),
    });
  }
  throw new Error('The model goes round in circles.');
}

/** An executor for the code interpreter alone. */
export function pythonExecutor(run: (code: string) => Promise<object>): Executor {
  return async (toolName, input) => {
    if (toolName !== 'code_interpreter') throw new Error(`No such tool: ${toolName}`);
    return { type: 'json', value: (await run(String(input['code']))) as JSONValue };
  };
}
