import { asSchema } from 'ai';
import type {
  RequiredActionFunctionToolCall,
  Run,
  RunSubmitToolOutputsParams,
} from 'openai/resources/beta/threads/runs';
import type { FunctionTools } from './function-tools.ts';

type ToolOutput = RunSubmitToolOutputsParams.ToolOutput;

/**
 * Answers every function call that a run waits for, all at the same time: the API takes them together or not at all.
 * What goes wrong with a call is its answer, so that the model can make something of it.
 */
export function answerCalls(run: Run, tools: FunctionTools, signal?: AbortSignal): Promise<ToolOutput[]> {
  const calls = run.required_action?.submit_tool_outputs.tool_calls ?? [];
  return Promise.all(
    calls.map(async (call) => ({ tool_call_id: call.id, output: await answer(call, tools, signal) })),
  );
}

async function answer(
  { id, function: { name, arguments: text } }: RequiredActionFunctionToolCall,
  tools: FunctionTools,
  signal: AbortSignal | undefined,
): Promise<string> {
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tool?.execute) return `Error: there is no function ${name}.`;
  try {
    const input = await asSchema(tool.inputSchema).validate?.(JSON.parse(text || '{}'));
    if (input && !input.success) return `Error: ${input.error.message}`;
    const options = {
      toolCallId: id,
      messages: [],
      context: undefined,
      ...(signal && { abortSignal: signal }),
    };
    const output: unknown = await tool.execute(input?.value, options as never);
    return typeof output === 'string' ? output : JSON.stringify(output ?? null);
  } catch (error) {
    signal?.throwIfAborted();
    return `Error: ${error instanceof Error ? error.message : String(error)}`;
  }
}
