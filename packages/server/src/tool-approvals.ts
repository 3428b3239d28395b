import type { RequiredActionFunctionToolCall } from 'openai/resources/beta/threads/runs/runs';
import { isClientTool, parseArguments, readInput } from './function-tools.ts';
import type { FunctionTools } from './function-tools.ts';
import { askOnError } from './public-errors.ts';
import type { OnError } from './public-errors.ts';

/** Whether a person must allow this call. */
export type NeedsApproval = (call: RequiredActionFunctionToolCall) => Promise<boolean>;

const asked = new WeakMap<FunctionTools, Map<string, Promise<boolean>>>();
const rememberedAtMost = 1000;

/**
 * Whether somebody must allow this call before it runs. Asked once for each call: what the page was shown and what is done
 * must not differ. A `needsApproval` that throws asks.
 */
export function needsApproval(
  call: RequiredActionFunctionToolCall,
  tools: FunctionTools | undefined,
  onError?: OnError,
): Promise<boolean> {
  const { name } = call.function;
  const tool = tools && Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tools || !tool?.execute || !tool.needsApproval) return Promise.resolve(false);
  const known = asked.get(tools) ?? new Map<string, Promise<boolean>>();
  asked.set(tools, known);
  const key = JSON.stringify([call.id, name, call.function.arguments]);
  let answer = known.get(key);
  if (!answer) {
    if (known.size >= rememberedAtMost) known.delete(known.keys().next().value!);
    answer = ask(call, tool).catch((error: unknown) => {
      askOnError(error, onError);
      return true;
    });
    known.set(key, answer);
  }
  return answer;
}

async function ask(call: RequiredActionFunctionToolCall, tool: FunctionTools[string]): Promise<boolean> {
  if (typeof tool.needsApproval !== 'function') return tool.needsApproval !== false;
  const input = await readInput(tool, parseArguments(call.function.arguments));
  // Arguments that do not fit never reach the tool: there is nothing to allow.
  if (!input.success) return false;
  const decide = tool.needsApproval as (input: unknown, options: object) => unknown;
  return Boolean(await decide(input.value, { toolCallId: call.id, messages: [], context: {} }));
}

/** Whether a run waits for the browser: for an output that only it has, or for a person's word. */
export async function waitsForBrowser(
  calls: readonly RequiredActionFunctionToolCall[],
  tools: FunctionTools | undefined,
  onError?: OnError,
): Promise<boolean> {
  if (calls.some((call) => isClientTool(tools, call.function.name))) return true;
  const answers = await Promise.all(calls.map((call) => needsApproval(call, tools, onError)));
  return answers.includes(true);
}

/** What the model is told of a call that was not allowed. */
export function toDenial(reason: string | undefined): string {
  const because = reason === undefined || reason.trim() === '' ? '' : ` The reason given: ${reason.trim()}`;
  return JSON.stringify({ error: `The user did not allow this call.${because}`, denied: true });
}

/** Whether an output is the one of a call that was not allowed. */
export function isDenial(output: unknown): output is { error: string; denied: true } {
  if (typeof output !== 'object' || output === null) return false;
  const { error, denied } = output as { error?: unknown; denied?: unknown };
  return typeof error === 'string' && denied === true && Object.keys(output).length === 2;
}
