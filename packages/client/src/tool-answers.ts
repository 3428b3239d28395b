import { createLeanReducer } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import { RichParts } from '@use-assistant/protocol/rich-parts';
import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { toChatMessage, toToolParts, withMessage } from './messages.ts';
import type { AssistantCallbacks } from './options.ts';
import { isWaitingForOutput, isWaitingForUser, toOutputChunk, toToolCall, toWireOutput } from './tools.ts';
import type { ToolApprovalInput, ToolCall, ToolOutputInput } from './tools.ts';
import type { ToolOutput } from './wire.ts';
import { toThreadPath } from './requests.ts';

/** Answers the tool calls that a run waits for, all of one pause together, as the Assistants API wants them. */
export class ToolAnswers {
  readonly #conversation: Conversation;
  /** What has not been handed in. */
  readonly #outputs = new Map<string, ToolOutput>();
  /** Calls that `onToolCall` has had: a replay brings them again. */
  readonly #called = new Set<string>();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** The thread has been left. */
  clear(): void {
    this.#outputs.clear();
  }

  async addOutput(output: ToolOutputInput): Promise<void> {
    await this.#answer(output.toolCallId, toOutputChunk(output), toWireOutput(output));
  }

  async addApproval({ id, approved, reason }: ToolApprovalInput): Promise<void> {
    const call = this.#conversation.state.messages
      .flatMap((message) => toToolParts(message))
      .findLast((part) => part.approval?.id === id);
    if (!call) return;
    const because = reason === undefined ? {} : { reason };
    await this.#answer(
      call.toolCallId,
      { type: 'tool-approval-response', approvalId: id, approved, ...because },
      { toolCallId: call.toolCallId, approved, ...because },
    );
  }

  /**
   * Runs the tools that the run waits for. Called when a stream has ended, not when it names the call: a replay names
   * calls that were answered long ago, and says so only later.
   */
  run(): void {
    const { onToolCall } = this.#conversation.getOptions();
    const message = this.#conversation.state.messages.at(-1);
    for (const part of onToolCall ? toToolParts(message) : []) {
      if (!isWaitingForOutput(part) || this.#called.has(part.toolCallId)) continue;
      this.#called.add(part.toolCallId);
      void this.#call(toToolCall(part), onToolCall!);
    }
    void this.handIn();
  }

  /** Hands in what has been answered, if the run waits for nothing more, and follows the rest of the run. */
  async handIn(options?: RequestOptions): Promise<void> {
    const conversation = this.#conversation;
    const { messages, threadId, run } = conversation.state;
    const message = messages.at(-1);
    const runId = run?.id ?? message?.metadata?.runId;
    if (conversation.turn || message?.role !== 'assistant' || isWaitingForUser(message)) return;
    if (this.#outputs.size === 0 || threadId === undefined || runId === undefined) return;
    const outputs = new Map(this.#outputs);
    this.#outputs.clear();
    const turn = conversation.begin(message);
    turn.isPosted = true;
    conversation.publish({ status: 'submitted', error: undefined });
    await conversation.follow(turn, () => {
      return conversation.http.stream(toThreadPath(threadId, '/tool-outputs'), {
        ...options,
        json: { runId, outputs: Array.from(outputs.values()) },
        signal: turn.signal,
      });
    });
    // What did not arrive is handed in with the next attempt.
    if (turn.isOpen || conversation.state.threadId !== threadId) return;
    for (const [id, output] of outputs) if (!this.#outputs.has(id)) this.#outputs.set(id, output);
  }

  async #answer(toolCallId: string, chunk: AssistantChunk, output: ToolOutput): Promise<void> {
    const { turn, state } = this.#conversation;
    const isCalled = (message: AssistantMessage) =>
      toToolParts(message).some((part) => part.toolCallId === toolCallId);
    const message = state.messages.findLast(isCalled);
    if (!message) return;
    this.#outputs.set(toolCallId, output);
    if (turn?.isVisible && turn.message.id === message.id) {
      turn.apply(chunk);
      this.#conversation.store.flush();
      return;
    }
    const reducer = createLeanReducer(message, () => RichParts);
    reducer.apply(chunk);
    this.#conversation.publish({ messages: withMessage(state.messages, toChatMessage(reducer.message())) });
    if (!turn) await this.handIn();
  }

  async #call(toolCall: ToolCall, onToolCall: NonNullable<AssistantCallbacks['onToolCall']>): Promise<void> {
    const { visit } = this.#conversation;
    const { toolName: tool, toolCallId } = toolCall;
    let answer: ToolOutputInput;
    try {
      const output = await onToolCall({ toolCall });
      if (output === undefined) return;
      answer = { tool, toolCallId, output };
    } catch (error) {
      const errorText = error instanceof Error ? error.message : String(error);
      answer = { tool, toolCallId, state: 'output-error', errorText };
    }
    if (visit === this.#conversation.visit) await this.addOutput(answer);
  }
}
