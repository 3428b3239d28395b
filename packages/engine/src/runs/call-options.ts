import type { JSONSchema7, LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import type { RunPrivate } from '../storage/records.ts';
import { codeInterpreterName } from '../tools/code-interpreter.ts';
import { fileSearchName, fileSearchTool } from '../tools/file-search.ts';
import type { Run } from '../wire.ts';

/** What of the run's settings a model can be given. */
export function buildCallOptions(
  context: EngineContext,
  run: Run,
  details: RunPrivate,
): Omit<LanguageModelV4CallOptions, 'prompt'> {
  const tools = run.tools.flatMap((tool): LanguageModelV4FunctionTool[] => {
    if (tool.type === 'code_interpreter') return [context.code.tool()];
    if (tool.type === 'file_search') return [fileSearchTool()];
    const { name, description, parameters, strict } = tool.function;
    return [
      {
        type: 'function',
        name,
        inputSchema: (parameters ?? { type: 'object', properties: {} }) as JSONSchema7,
        ...(description !== undefined && { description }),
        ...(typeof strict === 'boolean' && { strict }),
      },
    ];
  });
  const left = run.max_completion_tokens && run.max_completion_tokens - details.usage.completion_tokens;
  return {
    ...(tools.length > 0 && toToolSettings(run, details, tools)),
    ...(left !== null && { maxOutputTokens: Math.max(1, left) }),
    ...(details.temperature !== null && { temperature: details.temperature }),
    ...(details.topP !== null && { topP: details.topP }),
    ...responseFormat(run),
    ...(details.reasoningEffort !== null && { reasoning: details.reasoningEffort }),
    ...providerOptions(run),
  };
}

/** What the AI SDK has no common word for, in the words of those providers that know it; others pass it over. */
function providerOptions(run: Run): Pick<LanguageModelV4CallOptions, 'providerOptions'> {
  const isSerial = !run.parallel_tool_calls && run.tools.length > 0;
  const format = typeof run.response_format === 'object' ? run.response_format : undefined;
  // Providers are strict where nothing is said; the API is not, and OpenAI refuses most schemas that were not made for it.
  const strict = format?.type === 'json_schema' && { strictJsonSchema: format.json_schema.strict ?? false };
  if (!isSerial && !strict) return {};
  return {
    providerOptions: {
      openai: { ...(isSerial && { parallelToolCalls: false }), ...strict },
      openaiCompatible: { ...(isSerial && { parallel_tool_calls: false }), ...strict },
      ...(isSerial && { anthropic: { disableParallelToolUse: true } }),
    },
  };
}

function toToolSettings(
  run: Run,
  details: RunPrivate,
  tools: LanguageModelV4FunctionTool[],
): Pick<LanguageModelV4CallOptions, 'tools' | 'toolChoice'> {
  const choice = run.tool_choice;
  if (choice === 'none') return { tools, toolChoice: { type: 'none' } };
  // A choice that forces a call is met by the first turn; forced for ever, the run could never end.
  if (choice === 'auto' || details.turns > 0) return { tools, toolChoice: { type: 'auto' } };
  if (choice === 'required') return { tools, toolChoice: { type: 'required' } };
  if (choice.type === 'function')
    return { tools, toolChoice: { type: 'tool', toolName: choice.function.name } };
  // By its name OpenAI's provider would choose the tool of OpenAI, not our function: it is the only one instead.
  const forced = choice.type === 'code_interpreter' ? codeInterpreterName : fileSearchName;
  return { tools: tools.filter(({ name }) => name === forced), toolChoice: { type: 'required' } };
}

function responseFormat(run: Run): Pick<LanguageModelV4CallOptions, 'responseFormat'> {
  const format = run.response_format;
  if (format === 'auto' || format.type === 'text') return {};
  if (format.type === 'json_object') return { responseFormat: { type: 'json' } };
  const { name, description, schema } = format.json_schema;
  return {
    responseFormat: {
      type: 'json',
      name,
      ...(description !== undefined && { description }),
      ...(schema !== undefined && { schema: schema as JSONSchema7 }),
    },
  };
}
