import { parseJson } from '@use-assistant/protocol';
import type { AssistantChunk, CodeInterpreterOutput } from '@use-assistant/protocol';
import type { ResponseOutputItem } from 'openai/resources/responses/responses';
import { toSearchOutput } from './found-passages.ts';

/** The calls of one response: hosted tools, functions, and whatever tool comes to be. */
export interface ResponseCalls {
  begin(item: ResponseOutputItem, chunks: AssistantChunk[]): void;
  /** Takes a piece of the code or of the arguments. */
  addInput(itemId: string, text: string, chunks: AssistantChunk[]): void;
  /** Takes an image that is still being made. */
  addImage(itemId: string, base64: string, chunks: AssistantChunk[]): void;
  /** The input is complete; the output may take its time. */
  endInput(itemId: string, text: string, chunks: AssistantChunk[]): void;
  end(item: ResponseOutputItem, chunks: AssistantChunk[]): void;
  /** The response is over: ends what no item has ended. */
  endAll(chunks: AssistantChunk[]): void;
}

interface Call {
  id: string;
  name: string;
  isText: boolean;
  isClient: boolean;
  /** Whether the stream itself brings the output. */
  isHosted: boolean;
  isInputAvailable: boolean;
  isDone: boolean;
}

/** Makes the tool parts of one response. */
export function createResponseCalls(isClientTool: (name: string) => boolean): ResponseCalls {
  const calls = new Map<string, Call>();

  function open(item: ResponseOutputItem, chunks: AssistantChunk[]): Call | undefined {
    const itemId = idOf(item);
    const known = calls.get(itemId);
    if (known) return known;
    const call = toCall(item, isClientTool);
    if (!call) return undefined;
    calls.set(itemId, call);
    chunks.push({
      type: 'tool-input-start',
      toolCallId: call.id,
      toolName: call.name,
      ...executed(call),
      ...(call.isText && { inputEncoding: 'text' as const }),
    });
    return call;
  }

  function endInput(call: Call, input: unknown, chunks: AssistantChunk[]): void {
    if (call.isInputAvailable) return;
    call.isInputAvailable = true;
    const { id: toolCallId, name: toolName } = call;
    chunks.push({ type: 'tool-input-available', toolCallId, toolName, ...executed(call), input });
  }

  function fail(call: Call, chunks: AssistantChunk[]): void {
    call.isDone = true;
    const errorText = 'The call failed.';
    chunks.push({ type: 'tool-output-error', toolCallId: call.id, errorText, ...executed(call) });
  }

  return {
    begin: (item, chunks) => void open(item, chunks),
    addInput(itemId, inputTextDelta, chunks) {
      const call = calls.get(itemId);
      if (!call || call.isInputAvailable || inputTextDelta === '') return;
      chunks.push({ type: 'tool-input-delta', toolCallId: call.id, inputTextDelta });
    },
    addImage(itemId, base64, chunks) {
      const call = calls.get(itemId);
      if (!call || call.isDone) return;
      endInput(call, {}, chunks);
      const output = { image: toImageUrl(base64) };
      chunks.push({
        type: 'tool-output-available',
        toolCallId: call.id,
        output,
        preliminary: true,
        ...executed(call),
      });
    },
    endInput(itemId, text, chunks) {
      const call = calls.get(itemId);
      if (call) endInput(call, toInput(call, text), chunks);
    },
    end(item, chunks) {
      const call = open(item, chunks);
      if (!call || call.isDone) return;
      endInput(call, inputOf(item, call), chunks);
      if (!call.isHosted) return;
      const { status } = item as { status?: string };
      const output = outputOf(item);
      const isEmpty =
        output === undefined || (item.type === 'code_interpreter_call' && !item.outputs?.length);
      if ((status === 'failed' || status === 'incomplete') && isEmpty) return fail(call, chunks);
      call.isDone = true;
      chunks.push({ type: 'tool-output-available', toolCallId: call.id, output, ...executed(call) });
      if (item.type !== 'image_generation_call' || item.result === null) return;
      const format = item.output_format ?? 'png';
      const mediaType = format === 'svg' ? 'image/svg+xml' : `image/${format}`;
      chunks.push({ type: 'file', url: toImageUrl(item.result, mediaType), mediaType });
    },
    endAll(chunks) {
      for (const call of calls.values()) {
        if (call.isDone || (call.isInputAvailable && !call.isHosted)) continue;
        endInput(call, {}, chunks);
        fail(call, chunks);
      }
    },
  };
}

function idOf(item: ResponseOutputItem): string {
  return item.id ?? ('call_id' in item ? String(item.call_id) : '');
}

function toCall(item: ResponseOutputItem, isClientTool: (name: string) => boolean): Call | undefined {
  const state = { isText: false, isClient: false, isHosted: true, isInputAvailable: false, isDone: false };
  const id = idOf(item);
  switch (item.type) {
    case 'function_call':
    case 'custom_tool_call':
      return {
        ...state,
        id: item.call_id,
        name: item.name,
        isText: item.type === 'custom_tool_call',
        isClient: isClientTool(item.name),
        isHosted: false,
      };
    case 'mcp_call':
      return { ...state, id, name: item.name };
    case 'code_interpreter_call':
      return { ...state, id, name: 'code_interpreter', isText: true };
    default:
      // `web_search_call`, `image_generation_call`, and those that are not invented yet.
      return item.type.endsWith('_call')
        ? { ...state, id, name: item.type.slice(0, -'_call'.length) }
        : undefined;
  }
}

function inputOf(item: ResponseOutputItem, call: Call): unknown {
  switch (item.type) {
    case 'code_interpreter_call':
      return { code: item.code ?? '' };
    case 'file_search_call':
      return { queries: item.queries };
    case 'function_call':
    case 'mcp_call':
      return toInput(call, item.arguments);
    case 'custom_tool_call':
      return item.input;
    case 'image_generation_call':
      return { prompt: item.revised_prompt ?? null };
    default:
      return (item as { action?: unknown }).action ?? {};
  }
}

function outputOf(item: ResponseOutputItem): unknown {
  switch (item.type) {
    case 'code_interpreter_call':
      return { outputs: (item.outputs ?? []).map(toOutput) } satisfies CodeInterpreterOutput;
    case 'file_search_call':
      return toSearchOutput(
        (item.results ?? []).map(({ filename = 'file', score = 0, text }) => ({ filename, score, text })),
      );
    case 'mcp_call':
      return item.output ?? undefined;
    case 'image_generation_call':
      return item.result === null ? undefined : { status: item.status };
    default: {
      const { status } = item as { status?: string };
      return status === 'failed' || status === 'incomplete' ? undefined : { status: status ?? 'completed' };
    }
  }
}

type HostedOutput = { type: 'logs'; logs: string } | { type: 'image'; url: string };

function toOutput(output: HostedOutput): CodeInterpreterOutput['outputs'][number] {
  return output.type === 'logs'
    ? { type: 'logs', logs: output.logs }
    : { type: 'image', fileId: '', url: output.url };
}

function toInput(call: Call, text: string): unknown {
  if (call.name === 'code_interpreter' && call.isHosted) return { code: text };
  if (call.isText) return text;
  try {
    return parseJson(text === '' ? '{}' : text);
  } catch {
    return text;
  }
}

function executed(call: Call): { providerExecuted?: true } {
  return call.isClient ? {} : { providerExecuted: true };
}

function toImageUrl(base64: string, mediaType = 'image/png'): string {
  return `data:${mediaType};base64,${base64}`;
}
