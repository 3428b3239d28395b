import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import type { RequestOptions } from './http.ts';
import { toToolParts } from './messages.ts';
import type { ToolPart } from './state.ts';
import type { ToolOutput } from './wire.ts';

/** A call that the browser is to answer. */
export interface ToolCall {
  toolCallId: string;
  toolName: string;
  input: unknown;
  dynamic?: boolean;
}

/** What a tool has answered, or how it has failed. */
export type ToolOutputInput = {
  tool: string;
  toolCallId: string;
  /** What the request may add that hands it in. */
  options?: RequestOptions | undefined;
} & (
  | { state?: 'output-available'; output: unknown; errorText?: never }
  | { state: 'output-error'; errorText: string; output?: never }
);

/** The user's decision about a call that asked for approval; `id` is the approval's. */
export interface ToolApprovalInput {
  id: string;
  approved: boolean;
  reason?: string;
}

/** Whether the run waits for the browser to run this tool. */
export function isWaitingForOutput(part: ToolPart): boolean {
  return part.state === 'input-available' && !part.providerExecuted;
}

/** Whether the run waits for anything that only the browser can say. */
export function isWaitingForUser(message: AssistantMessage): boolean {
  return toToolParts(message).some((part) => isWaitingForOutput(part) || part.state === 'approval-requested');
}

/** The call as `onToolCall` gets it. */
export function toToolCall(part: ToolPart): ToolCall {
  const { toolCallId, input } = part;
  return part.type === 'dynamic-tool'
    ? { toolCallId, toolName: part.toolName, input, dynamic: true }
    : { toolCallId, toolName: part.type.slice('tool-'.length), input };
}

/** The chunk that a stream would carry had the server made this output. */
export function toOutputChunk({ toolCallId, output, errorText }: ToolOutputInput): AssistantChunk {
  return errorText === undefined
    ? { type: 'tool-output-available', toolCallId, output }
    : { type: 'tool-output-error', toolCallId, errorText };
}

/** The output as it travels; an error is an output that the model can read. */
export function toWireOutput({ toolCallId, output, errorText }: ToolOutputInput): ToolOutput {
  return { toolCallId, output: errorText === undefined ? output : { error: errorText } };
}
