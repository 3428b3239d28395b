import { parseJson } from '@use-assistant/protocol';
import type { AssistantChunk, CodeInterpreterOutput, RunStatus } from '@use-assistant/protocol';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type {
  CodeInterpreterToolCallDelta,
  RunStep,
  RunStepDeltaEvent,
  ToolCall,
  ToolCallDelta,
} from 'openai/resources/beta/threads/runs/steps';
import type { KnownFile } from './file-parts.ts';
import { toSearchOutput } from './found-passages.ts';
import { isDenial } from './tool-approvals.ts';

/** The tool parts of one run: code interpreter, file search and function calls. */
export interface ToolParts {
  onDelta(event: RunStepDeltaEvent, chunks: AssistantChunk[]): void;
  onStepEnd(step: RunStep, chunks: AssistantChunk[]): void;
  /** The run waits for outputs: the arguments of its calls are complete, and some of them a person must allow. */
  onRequiresAction(run: Run, asks: ReadonlySet<string>, chunks: AssistantChunk[]): void;
  /** The run is over: ends the calls that no step has ended. */
  end(status: RunStatus, chunks: AssistantChunk[]): void;
}

type Output = CodeInterpreterOutput['outputs'][number];

interface Call {
  id: string;
  name: string;
  type: ToolCall['type'];
  isClient: boolean;
  /** Code or arguments, in the pieces that came. */
  input: string[];
  isInputAvailable: boolean;
  isDone: boolean;
  /** A person was asked whether it may run. */
  isAsked: boolean;
  logs: Map<number, string[]>;
  images: Map<number, string>;
  /** Characters of logs that have come, and that the last preliminary output showed. */
  logSize: number;
  shownSize: number;
}

const errorTexts: Partial<Record<RunStatus, string>> = {
  failed: 'The call failed.',
  cancelled: 'The call was cancelled.',
  expired: 'The call expired.',
};

/** Up to this size every new line of logs is shown at once. */
const smallLogs = 1024;

/** Makes the tool parts of one run. */
export function createToolParts(settings: {
  known: ReadonlyMap<string, KnownFile>;
  isClientTool: (name: string) => boolean;
}): ToolParts {
  const calls = new Map<string, Call>();
  const byPlace = new Map<string, Call>();

  function open(call: ToolCall | ToolCallDelta, place: string, chunks: AssistantChunk[]): Call | undefined {
    const known = byPlace.get(place) ?? (call.id === undefined ? undefined : calls.get(call.id));
    if (known) return known;
    const name = call.type === 'function' ? call.function?.name : call.type;
    if (!name) return undefined;
    const id = call.id ?? place;
    const isClient = call.type === 'function' && settings.isClientTool(name);
    const opened: Call = {
      id,
      name,
      type: call.type,
      isClient,
      input: [],
      isInputAvailable: false,
      isDone: false,
      isAsked: false,
      logs: new Map(),
      images: new Map(),
      logSize: 0,
      shownSize: 0,
    };
    calls.set(id, opened);
    byPlace.set(place, opened);
    chunks.push({
      type: 'tool-input-start',
      ...flags(opened),
      ...(call.type === 'code_interpreter' && { inputEncoding: 'text' as const }),
    });
    return opened;
  }

  function addInput(call: Call, text: string | null | undefined, chunks: AssistantChunk[]): void {
    if (!text || call.isInputAvailable) return;
    call.input.push(text);
    chunks.push({ type: 'tool-input-delta', toolCallId: call.id, inputTextDelta: text });
  }

  function endInput(call: Call, text: string, chunks: AssistantChunk[]): void {
    if (call.isInputAvailable) return;
    call.isInputAvailable = true;
    call.input = [];
    const input = call.type === 'code_interpreter' ? { code: text } : toJson(text === '' ? '{}' : text);
    chunks.push({ type: 'tool-input-available', ...flags(call), input });
  }

  function endOutput(call: Call, output: unknown, chunks: AssistantChunk[]): void {
    call.isDone = true;
    const errorText = toErrorText(output);
    const owner = executed(call);
    if (errorText === undefined) {
      chunks.push({ type: 'tool-output-available', toolCallId: call.id, output, ...owner });
    } else {
      chunks.push({ type: 'tool-output-error', toolCallId: call.id, errorText, ...owner });
    }
  }

  function fail(call: Call, status: RunStatus, chunks: AssistantChunk[]): void {
    call.isDone = true;
    const errorText = errorTexts[status] ?? 'The call was not answered.';
    chunks.push({ type: 'tool-output-error', toolCallId: call.id, errorText, ...executed(call) });
  }

  function askFor(call: Call, chunks: AssistantChunk[]): void {
    if (call.isAsked || call.isDone) return;
    call.isAsked = true;
    chunks.push({ type: 'tool-approval-request', approvalId: call.id, toolCallId: call.id });
  }

  function answerApproval(
    call: Call,
    answer: { approved: boolean; reason?: string },
    chunks: AssistantChunk[],
  ): void {
    chunks.push({ type: 'tool-approval-response', approvalId: call.id, ...answer, ...executed(call) });
  }

  function deny(call: Call, reason: string, chunks: AssistantChunk[]): void {
    askFor(call, chunks);
    answerApproval(call, { approved: false, reason }, chunks);
    call.isDone = true;
    chunks.push({ type: 'tool-output-denied', toolCallId: call.id });
  }

  function showOutputs(call: Call, delta: CodeInterpreterToolCallDelta, chunks: AssistantChunk[]): void {
    const outputs = delta.code_interpreter?.outputs;
    if (!outputs || outputs.length === 0 || call.isDone) return;
    endInput(call, call.input.join(''), chunks);
    let isDue = false;
    for (const output of outputs) {
      if (output.type === 'image') {
        if (!output.image?.file_id) continue;
        call.images.set(output.index, output.image.file_id);
        isDue = true;
      } else if (output.logs) {
        const logs = call.logs.get(output.index);
        if (logs) logs.push(output.logs);
        else call.logs.set(output.index, [output.logs]);
        call.logSize += output.logs.length;
      }
    }
    // An output replaces the one before it, so showing every line of long logs would cost their square.
    if (call.logSize - call.shownSize > (call.logSize > smallLogs ? call.shownSize >> 2 : 0)) isDue = true;
    if (!isDue) return;
    call.shownSize = call.logSize;
    const shown = collect(call);
    const output: CodeInterpreterOutput = { outputs: shown };
    chunks.push({
      type: 'tool-output-available',
      toolCallId: call.id,
      output,
      preliminary: true,
      ...executed(call),
    });
  }

  function collect(call: Call): Output[] {
    const indexes = [...new Set([...call.logs.keys(), ...call.images.keys()])].sort((a, b) => a - b);
    return indexes.map((index) => {
      const logs = call.logs.get(index);
      return logs ? { type: 'logs', logs: logs.join('') } : toImage(call.images.get(index)!);
    });
  }

  function toImage(fileId: string): Output {
    const file = settings.known.get(fileId);
    return { type: 'image', fileId: file?.id ?? fileId, url: file?.url ?? '' };
  }

  function endCall(call: Call, final: ToolCall, status: RunStatus, chunks: AssistantChunk[]): void {
    if (call.isDone) return;
    if (final.type === 'code_interpreter') {
      const { input, outputs } = final.code_interpreter;
      endInput(call, input, chunks);
      if (status !== 'completed' && outputs.length === 0) return fail(call, status, chunks);
      const shown = outputs.map((output) =>
        output.type === 'logs' ? { type: 'logs' as const, logs: output.logs } : toImage(output.image.file_id),
      );
      return endOutput(call, { outputs: shown } satisfies CodeInterpreterOutput, chunks);
    }
    if (final.type === 'function') {
      endInput(call, final.function.arguments, chunks);
      if (final.function.output === null) return fail(call, status, chunks);
      const output = toJson(final.function.output);
      if (isDenial(output)) return deny(call, output.error, chunks);
      if (call.isAsked) answerApproval(call, { approved: true }, chunks);
      return endOutput(call, output, chunks);
    }
    endInput(call, '', chunks);
    if (status !== 'completed') return fail(call, status, chunks);
    const found = (final.file_search.results ?? []).map(({ file_name, score, content }) => ({
      filename: file_name,
      score,
      text: content?.map(({ text }) => text ?? '').join('\n'),
    }));
    endOutput(call, toSearchOutput(found), chunks);
  }

  return {
    onDelta(event, chunks) {
      const details = event.delta.step_details;
      if (details?.type !== 'tool_calls') return;
      for (const delta of details.tool_calls ?? []) {
        const call = open(delta, `${event.id}:${delta.index}`, chunks);
        if (!call) continue;
        if (delta.type === 'code_interpreter') {
          addInput(call, delta.code_interpreter?.input, chunks);
          showOutputs(call, delta, chunks);
        } else if (delta.type === 'function') {
          addInput(call, delta.function?.arguments, chunks);
        }
      }
    },

    onStepEnd(step, chunks) {
      if (step.step_details.type !== 'tool_calls') return;
      for (const [index, final] of step.step_details.tool_calls.entries()) {
        const call = open(final, `${step.id}:${index}`, chunks);
        if (call) endCall(call, final, step.status, chunks);
      }
    },

    onRequiresAction(run, asks, chunks) {
      for (const required of run.required_action?.submit_tool_outputs.tool_calls ?? []) {
        const call = open({ ...required, index: 0 }, required.id, chunks);
        if (!call) continue;
        endInput(call, required.function.arguments, chunks);
        if (asks.has(call.id)) askFor(call, chunks);
      }
    },

    end(status, chunks) {
      for (const call of calls.values()) {
        if (call.isDone) continue;
        endInput(call, call.input.join(''), chunks);
        if (call.logs.size + call.images.size > 0) endOutput(call, { outputs: collect(call) }, chunks);
        else fail(call, status, chunks);
      }
    },
  };
}

function flags(call: Call): { toolCallId: string; toolName: string; providerExecuted?: true } {
  return { toolCallId: call.id, toolName: call.name, ...executed(call) };
}

/** Clients ask their own handlers to answer every call that is not marked so. */
function executed(call: Call): { providerExecuted?: true } {
  return call.isClient ? {} : { providerExecuted: true };
}

/** Models and tools speak JSON most of the time; what is not stays text. */
function toJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** `{"error": "…"}` is how a tool that failed tells it to the model. */
function toErrorText(output: unknown): string | undefined {
  if (typeof output !== 'object' || output === null || !('error' in output)) return undefined;
  return typeof output.error === 'string' && Object.keys(output).length === 1 ? output.error : undefined;
}
