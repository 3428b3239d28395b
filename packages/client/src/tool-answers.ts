import { createLeanReducer } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import { RichParts } from '@use-assistant/protocol/rich-parts';
import { defaultRetry, isTransient } from './backoff.ts';
import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { KeptAnswers } from './kept-answers.ts';
import type { KeptAnswer } from './kept-answers.ts';
import { toChatMessage, toToolParts, withMessage } from './messages.ts';
import type { AssistantCallbacks } from './options.ts';
import { isActiveRun } from './run-state.ts';
import type { ChatMessage } from './state.ts';
import type { Turn } from './turn.ts';
import { isWaitingForOutput, isWaitingForUser, toOutputChunk, toToolCall, toWireOutput } from './tools.ts';
import type { ToolApprovalInput, ToolCall, ToolOutputInput } from './tools.ts';
import type { ToolOutput } from './wire.ts';
import { toThreadPath } from './requests.ts';

/** The chunk after which a call waits for such an answer. */
const asksFor = { approval: 'tool-approval-request', output: 'tool-input-available' };

/** Answers the tool calls that a run waits for, all of one pause together, as the Assistants API wants them. */
export class ToolAnswers {
  readonly #conversation: Conversation;
  readonly #kept: KeptAnswers;
  /** What is on its way to the server, and goes only once. */
  readonly #sent = new Set<KeptAnswer>();
  /** How often in a row the server has failed to take answers. */
  #failures = 0;
  /** Calls that `onToolCall` has had: a replay brings them again. */
  readonly #called = new Set<string>();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.#kept = new KeptAnswers(conversation.getOptions);
  }

  /** The thread has been left; what was answered in it is handed in when it is opened again. */
  clear(): void {
    this.#failures = 0;
  }

  /** The message whose calls may wait. Others may stand after it: such that the server has not taken. */
  get #last(): ChatMessage | undefined {
    const { messages, run } = this.#conversation.state;
    const isOfRun = ({ id, metadata }: ChatMessage) => !run || id === run.id || metadata?.runId === run.id;
    return messages.findLast((message) => message.role === 'assistant' && isOfRun(message));
  }

  async addOutput(output: ToolOutputInput): Promise<void> {
    await this.#answer(output.toolCallId, toOutputChunk(output), toWireOutput(output), output.options);
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
    const { run, threadId } = this.#conversation.state;
    // A run that goes on, or is over, has its answers, or needs them no more: only the word of that was lost.
    if (run && run.status !== 'requires_action') return this.#kept.delete(this.#kept.of(threadId));
    this.#showKept();
    const message = this.#last;
    for (const part of onToolCall ? toToolParts(message) : []) {
      if (!isWaitingForOutput(part) || this.#called.has(part.toolCallId)) continue;
      this.#called.add(part.toolCallId);
      void this.#call(toToolCall(part), onToolCall!);
    }
    void this.handIn();
  }

  /** What the server tells of a call that was answered, it has got: also where it could not say so. */
  hear(chunk: AssistantChunk): void {
    if (!('toolCallId' in chunk)) return;
    const answer = this.#kept.get(chunk.toolCallId);
    if (!answer) return;
    if (chunk.type.startsWith('tool-output-')) this.#kept.delete([answer]);
    // A run that is told again asks nobody again.
    else if (chunk.type === asksFor[answer.chunk.type === 'tool-approval-response' ? 'approval' : 'output'])
      this.#conversation.turn?.apply(answer.chunk);
  }

  /** Hands in what has been answered, if the run waits for nothing more, and follows the rest of the run. */
  async handIn(options?: RequestOptions): Promise<void> {
    const conversation = this.#conversation;
    const { threadId, run } = conversation.state;
    const message = this.#last;
    const runId = run?.id ?? message?.metadata?.runId;
    if (conversation.turn || !message || isWaitingForUser(message)) return;
    // It has been stopped, or is about to be: nobody waits for an answer.
    if (conversation.cancelling || (run && !isActiveRun(run))) return;
    const answers = this.#kept.of(threadId).filter((answer) => !this.#sent.has(answer));
    if (answers.length === 0 || threadId === undefined || runId === undefined) return;
    const turn = conversation.begin(message);
    turn.isPosted = true;
    for (const answer of answers) this.#sent.add(answer);
    // What did not arrive is handed in with the next attempt; what did is not kept for one.
    void turn.opening.then(() => {
      if (turn.isOpen) this.#kept.delete(answers);
      for (const answer of answers) this.#sent.delete(answer);
    });
    conversation.publish({ status: 'submitted', error: undefined });
    await conversation.follow(turn, async () => {
      try {
        const body = await conversation.http.stream(toThreadPath(threadId, '/tool-outputs'), {
          ...options,
          json: { runId, outputs: answers.map(({ output }) => output) },
          signal: turn.signal,
        });
        this.#failures = 0;
        return body;
      } catch (error) {
        return this.#recover(turn, error);
      }
    });
    if (turn.hasFailed) this.#failures = 0;
    // Where a run cannot be told once more, the history has said whether it still waits.
    if (this.#failures > 0 && !turn.hasFailed && !turn.isOpen) await this.handIn(options);
    if (turn.hasFailed && !turn.isOpen) conversation.control.made?.recover();
  }

  /**
   * Only the server knows whether it has what it failed to take. So the run is told once more after a pause, and where it
   * still waits at the end of that, the answers go again.
   */
  async #recover(turn: Turn, error: unknown): Promise<ReadableStream<Uint8Array> | null> {
    const { retries } = { ...defaultRetry, ...this.#conversation.getOptions().retry };
    if (!isTransient(error) || this.#failures >= retries) throw error;
    // A stop need not wait for this request, and its answers may go with the next.
    turn.open(false);
    turn.fruitless = this.#failures;
    this.#failures += 1;
    return this.#conversation.control.use((thread) => thread.reconnect(turn, error));
  }

  async #answer(
    id: string,
    chunk: AssistantChunk,
    output: ToolOutput,
    options?: RequestOptions,
  ): Promise<void> {
    const { turn, state } = this.#conversation;
    const { threadId } = state;
    if (!this.#show(id, chunk) || threadId === undefined) return;
    this.#kept.add({ id, threadId, chunk, output });
    if (!turn) await this.handIn(options);
  }

  #find(toolCallId: string): ChatMessage | undefined {
    const isCalled = (message: AssistantMessage) =>
      toToolParts(message).some((part) => part.toolCallId === toolCallId);
    return this.#conversation.state.messages.findLast(isCalled);
  }

  /** Shows the answer in the message of the call; false when there is none. */
  #show(toolCallId: string, chunk: AssistantChunk): boolean {
    const { turn, state } = this.#conversation;
    const message = this.#find(toolCallId);
    if (!message) return false;
    if (turn?.isVisible && turn.message.id === message.id) {
      turn.apply(chunk);
      this.#conversation.store.flush();
      return true;
    }
    const reducer = createLeanReducer(message, () => RichParts);
    reducer.apply(chunk);
    this.#conversation.publish({ messages: withMessage(state.messages, toChatMessage(reducer.message())) });
    return true;
  }

  /** What was answered before a reload, or before the thread was left, need not be asked again. */
  #showKept(): void {
    const { threadId } = this.#conversation.state;
    const waiting = new Set(
      toToolParts(this.#last)
        .filter((part) => isWaitingForOutput(part) || part.state === 'approval-requested')
        .map(({ toolCallId }) => toolCallId),
    );
    const answers = this.#kept.of(threadId);
    for (const { id, chunk } of answers) if (waiting.has(id)) this.#show(id, chunk);
    // The others the server has, or its run has ended without them.
    const answered = new Set(toToolParts(this.#last).map(({ toolCallId }) => toolCallId));
    this.#kept.delete(answers.filter(({ id }) => !answered.has(id)));
  }

  async #call(toolCall: ToolCall, onToolCall: NonNullable<AssistantCallbacks['onToolCall']>): Promise<void> {
    const { threadId } = this.#conversation.state;
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
    const isHere = threadId === this.#conversation.state.threadId && this.#find(toolCallId);
    if (isHere) return this.addOutput(answer);
    // The user has left the thread, or has asked for another answer: it waits until this one is there again.
    if (threadId !== undefined)
      this.#kept.add({
        id: toolCallId,
        threadId,
        chunk: toOutputChunk(answer),
        output: toWireOutput(answer),
      });
  }
}
