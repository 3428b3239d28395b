import { parseJson } from '@use-assistant/protocol';
import type { FlexibleSchema } from 'ai';
import type { AssistantTool } from 'openai/resources/beta/assistants';
import type {
  RequiredActionFunctionToolCall,
  RunSubmitToolOutputsParams,
} from 'openai/resources/beta/threads/runs/runs';
import { joinSignals } from './join-signals.ts';
import { askOnError } from './public-errors.ts';
import type { OnError } from './public-errors.ts';

/** What is used of an AI SDK tool, `tool({ description, inputSchema, execute })`. Without `execute` the browser answers. */
export interface FunctionTool {
  description?: unknown;
  /** A Zod schema, any standard schema, or `jsonSchema(…)`. */
  inputSchema: unknown;
  /** Gives the result; as an async generator it shows what it does: its last value is the result. */
  execute?: ((input: never, options: never) => unknown) | undefined;
  /** Whether a person must allow a call before it runs: `true`, or a function of the input. */
  needsApproval?: unknown;
}

/** Function tools by name. */
export type FunctionTools = Readonly<Record<string, FunctionTool>>;

/** How tools are run. */
export interface FunctionToolsOptions {
  signal?: AbortSignal | undefined;
  /** Milliseconds that one call may take. @default 30000 */
  timeout?: number | undefined;
  onError?: OnError | undefined;
  /** Told of every value that an async generator gives, when it gives it. */
  onProgress?: ((toolCallId: string, output: unknown) => void) | undefined;
}

/** One answer to a call. */
export type ToolOutput = RunSubmitToolOutputsParams.ToolOutput;

/** Whether calls of this function are left to the browser. Without a map of tools, all are. */
export function isClientTool(tools: FunctionTools | undefined, name: string): boolean {
  if (!tools) return true;
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  return tool !== undefined && typeof tool.execute !== 'function';
}

/** Runs the called functions side by side. What goes wrong becomes an output that the model can read. */
export async function runFunctionTools(
  calls: readonly RequiredActionFunctionToolCall[],
  tools: FunctionTools,
  options: FunctionToolsOptions = {},
): Promise<ToolOutput[]> {
  return Promise.all(
    calls.map(async (call) => ({ tool_call_id: call.id, output: await answer(call, tools, options) })),
  );
}

/** The function tools of an assistant, from the same map. */
export async function toFunctionDefinitions(tools: FunctionTools): Promise<AssistantTool[]> {
  const { asSchema } = await import('ai');
  return Promise.all(
    Object.entries(tools).map(async ([name, tool]) => {
      const { $schema: _, ...parameters } = (await asSchema(tool.inputSchema as FlexibleSchema)
        .jsonSchema) as Record<string, unknown>;
      const description = typeof tool.description === 'string' ? tool.description : undefined;
      return {
        type: 'function' as const,
        function: { name, ...(description !== undefined && { description }), parameters },
      };
    }),
  );
}

async function answer(
  call: RequiredActionFunctionToolCall,
  tools: FunctionTools,
  { signal, timeout = 30_000, onError, onProgress }: FunctionToolsOptions,
): Promise<string> {
  const { name } = call.function;
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  if (!tool?.execute) return failure(`There is no tool named ${name}.`);
  const limit = AbortSignal.timeout(timeout);
  const { signal: abortSignal, release } = joinSignals(signal, limit);
  try {
    const checked = await readInput(tool, parseArguments(call.function.arguments));
    if (!checked.success) return failure(`The arguments do not fit: ${describe(checked.error)}`);
    const execute = tool.execute as unknown as (input: unknown, options: object) => unknown;
    const result = await until(
      abortSignal,
      lastOf(execute(checked.value, { toolCallId: call.id, messages: [], abortSignal, context: {} }), {
        abortSignal,
        onProgress: onProgress && ((output) => onProgress(call.id, output)),
      }),
    );
    if (typeof result === 'string') return result;
    // A function or a symbol has no JSON at all.
    return (JSON.stringify(result) as string | undefined) ?? 'null';
  } catch (error) {
    if (limit.aborted) return failure(`The tool took longer than ${timeout / 1000} seconds.`);
    if (signal?.aborted) return failure('The call was stopped.');
    return failure(askOnError(error, onError) ?? 'The tool failed.');
  } finally {
    release();
  }
}

/** The arguments as the tool's schema has them. */
export async function readInput(
  tool: FunctionTool,
  given: unknown,
): Promise<{ success: true; value: unknown } | { success: false; error: Error }> {
  const { asSchema } = await import('ai');
  const schema = asSchema(tool.inputSchema as FlexibleSchema);
  return schema.validate ? schema.validate(given) : { success: true, value: given };
}

/** The arguments as JSON; those that are none stay text, for the schema to refuse. */
export function parseArguments(text: string): unknown {
  try {
    return parseJson(text.trim() === '' ? '{}' : text);
  } catch {
    return text;
  }
}

/** The reason for the model, which wrote the arguments: the issues of the schema, not the whole error. */
function describe(error: Error): string {
  const { issues } =
    ((error.cause ?? error) as { issues?: { path?: PropertyKey[]; message: string }[] }) ?? {};
  if (!Array.isArray(issues)) return 'they are not what the schema asks for.';
  return issues
    .map(({ path = [], message }) => `${path.map(String).join('.') || 'input'}: ${message}`)
    .join('; ');
}

/** A tool may stream its progress: the last value is its result. */
async function lastOf(
  result: unknown,
  {
    abortSignal,
    onProgress,
  }: { abortSignal: AbortSignal; onProgress: ((output: unknown) => void) | undefined },
): Promise<unknown> {
  const value = await result;
  if (typeof value !== 'object' || value === null || !(Symbol.asyncIterator in value)) return value;
  let last: unknown;
  for await (const step of value as AsyncIterable<unknown>) {
    // Leaving the loop also ends a generator that does not look at the signal.
    if (abortSignal.aborted) break;
    last = step;
    onProgress?.(step);
  }
  return last;
}

/** Waits for the work, but no longer than the signal allows: not every tool listens to it. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function failure(error: string): string {
  return JSON.stringify({ error });
}
