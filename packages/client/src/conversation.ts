import { AssistantError, isRunStatusData } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import { defaultRetry } from './backoff.ts';
import { Cancels } from './cancels.ts';
import { toAssistantError } from './http-errors.ts';
import { toChatMessage, toDataValues, withMessage } from './messages.ts';
import type { AssistantCallbacks, AssistantClientOptions, DataChunk } from './options.ts';
import { followRun } from './resume.ts';
import { fromCancel, isActiveRun, reduceRun, withSteps } from './run-state.ts';
import { frameScheduler } from './scheduler.ts';
import type { AssistantState, ChatMessage } from './state.ts';
import { createStore } from './store.ts';
import type { Store } from './store.ts';
import type { AssistantTransport } from './transport.ts';
import { Turn } from './turn.ts';

type Bytes = ReadableStream<Uint8Array>;

export interface ConversationOptions {
  transport: AssistantTransport;
  /** Read anew whenever one is used. */
  getOptions(): AssistantClientOptions;
  /** An answer has ended well; the run may wait for tools. */
  onAnswer(): void;
  /** The run that was followed is no longer to be followed; the history tells how it ended. */
  onGone(): Promise<void>;
}

/**
 * The thread as the page shows it, and the one answer that may write into it.
 *
 * Three rules hold for everything that waits. The last request wins: `turn` is that one answer, and whoever goes on
 * after an await looks whether it still is. A thread's tokens stay in it: `visit` changes when the thread is left. And
 * leaving stops nothing on the server; only `stop` does, and a message that is sent into a running answer.
 */
export class Conversation {
  readonly store: Store<AssistantState>;
  readonly #options: ConversationOptions;
  readonly #cancels: Cancels;
  #turn: Turn | undefined;
  /** The last turn's connection, which may still be closing. */
  #closing: AbortController | undefined;
  #visit = 0;
  #turns = 0;
  #folded: ChatMessage | undefined;
  #hasNewData = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    const { threadId, messages = [], scheduler = frameScheduler } = options.getOptions();
    const first = messages.map((message) => toChatMessage(message));
    this.store = createStore<AssistantState>(
      {
        threadId,
        messages: first,
        status: 'ready',
        error: undefined,
        run: undefined,
        data: toDataValues(first),
        input: '',
        files: [],
        isLoadingHistory: false,
      },
      { scheduler, prepare: (state) => this.#fold(state) },
    );
    this.#cancels = new Cancels({
      transport: options.transport,
      onRun: (summary) => {
        const { run } = this.state;
        if (run?.id === summary.id) this.publish({ run: fromCancel(run, summary) });
      },
      onError: (error) => this.report(error),
    });
  }

  get state(): AssistantState {
    return this.store.get();
  }

  /** The answer that is being written or asked for. */
  get turn(): Turn | undefined {
    return this.#turn;
  }

  /** Changes whenever the thread is left: what was asked for before concerns nobody any more. */
  get visit(): number {
    return this.#visit;
  }

  /** Counts the turns, for who wants to know whether there were any meanwhile. */
  get turns(): number {
    return this.#turns;
  }

  /** Changes the state and tells of it now. */
  publish(patch: Partial<AssistantState>): void {
    this.store.set(patch);
    this.store.flush();
  }

  /** Takes the floor, to go on with a message or to begin one: what was being answered is stopped, here and there. */
  begin(message?: AssistantMessage): Turn {
    this.#interrupt();
    this.#closing?.abort();
    this.#turns += 1;
    this.#turn = new Turn(this.state.threadId, message);
    return this.#turn;
  }

  /** Ends the answer, here at once and on the server. What has been written stays. */
  async stop(): Promise<void> {
    const { run, threadId } = this.state;
    if (this.#turn) this.#interrupt();
    else if (threadId !== undefined && isActiveRun(run)) this.#cancels.cancelRun(threadId);
    await this.#cancels.pending;
  }

  /** Leaves the thread: nothing that was asked for may write any more. Its run goes on. */
  leave(): void {
    const { status } = this.state;
    this.#visit += 1;
    this.#turn?.controller.abort();
    this.#closing?.abort();
    this.#turn = undefined;
    this.#cancels.forget();
    this.store.set({ status: status === 'error' ? status : 'ready', isLoadingHistory: false });
  }

  /** Settles when the server takes messages again. */
  async whenCancelled(): Promise<void> {
    await this.#cancels.pending;
  }

  /** Follows a turn to its end. Never rejects: what goes wrong is in the state. */
  async follow(turn: Turn, open: () => Promise<Bytes | null>): Promise<void> {
    const { transport, getOptions, onGone } = this.#options;
    const { signal } = turn;
    try {
      const outcome = await followRun({
        open,
        canReopen: () => turn.threadId !== undefined,
        reopen: (lastEventId) =>
          transport.resume(
            { threadId: turn.threadId!, ...(lastEventId !== undefined && { lastEventId }) },
            { signal },
          ),
        onChunk: (chunk) => this.#receive(turn, chunk),
        onRestart: () => turn.restart(),
        signal,
        retry: { ...defaultRetry, ...getOptions().retry },
      });
      if (outcome === 'finished' || this.#turn !== turn) return;
      this.#end(turn);
      if (turn.isOpen || turn.isExpected) await onGone();
    } catch (error) {
      this.fail(turn, error);
    } finally {
      turn.open(false);
    }
  }

  /** Ends a turn that has turned out to have nothing to ask. */
  abandon(turn: Turn): void {
    turn.controller.abort();
    this.#end(turn);
  }

  /** Ends a turn with what went wrong, if it is still of interest. */
  fail(turn: Turn, cause: unknown): void {
    if (this.#turn !== turn) return;
    turn.hasFailed = true;
    turn.controller.abort();
    this.#end(turn, { error: toAssistantError(cause) });
  }

  /** Shows an error that belongs to no turn. */
  report(cause: unknown): void {
    const error = toAssistantError(cause);
    this.publish({ error, ...(!this.#turn && { status: 'error' as const }) });
    this.emit('onError', error);
  }

  emit<Name extends keyof AssistantCallbacks>(
    name: Name,
    value: Parameters<NonNullable<AssistantCallbacks[Name]>>[0],
  ): void {
    const callback = this.#options.getOptions()[name] as ((value: unknown) => unknown) | undefined;
    try {
      callback?.(value);
    } catch (error) {
      void Promise.reject(error);
    }
  }

  /** Brings the answer that is being written into the state: once per publication, not once per token. */
  #fold(state: AssistantState): AssistantState {
    const turn = this.#turn;
    if (!turn?.isVisible || turn.message === this.#folded) return state;
    const { message } = turn;
    this.#folded = message;
    const messages = withMessage(state.messages, message);
    const data = this.#hasNewData ? toDataValues(messages) : state.data;
    this.#hasNewData = false;
    return { ...state, messages, data, run: withSteps(state.run, message) };
  }

  /** Takes a chunk; true when it ends the run. Deltas cost O(delta), what tells of the run O(message). */
  #receive(turn: Turn, chunk: AssistantChunk): boolean {
    this.#identify(turn, chunk);
    turn.open();
    if (this.#turn !== turn) return true;
    if (turn.apply(chunk)) this.publish({ status: 'streaming' });
    else this.store.touch();
    if (chunk.type === 'text-delta' || chunk.type === 'tool-input-delta') return false;

    const { run } = this.state;
    const nextRun = reduceRun(run, chunk);
    if (nextRun !== run) this.store.set({ run: nextRun });
    if (chunk.type.startsWith('data-')) this.#receiveData(chunk as DataChunk);
    if (chunk.type === 'finish') this.#end(turn);
    else if (chunk.type === 'abort') this.#end(turn, { isAbort: true });
    else if (chunk.type === 'error') this.#end(turn, { error: turn.error });
    else return false;
    return true;
  }

  #receiveData(chunk: DataChunk): void {
    if (chunk.type === 'data-value') this.#hasNewData = true;
    if (chunk.type === 'data-status' && isRunStatusData(chunk.data)) this.emit('onStatus', chunk.data);
    this.emit('onData', chunk);
  }

  /** Learns which thread the server has put the message into. */
  #identify(turn: Turn, chunk: AssistantChunk): void {
    if (chunk.type !== 'start' && chunk.type !== 'message-metadata') return;
    const threadId = chunk.messageMetadata?.threadId;
    if (typeof threadId !== 'string' || threadId === turn.threadId) return;
    const isHere = this.#turn === turn || (turn.isStopping && this.state.threadId === turn.threadId);
    turn.threadId = threadId;
    if (!isHere || this.state.threadId === threadId) return;
    this.store.set({ threadId });
    this.emit('onThreadIdChange', threadId);
  }

  #interrupt(): void {
    const turn = this.#turn;
    if (!turn) return;
    this.#end(turn, { isAbort: true });
    this.#closing = undefined;
    this.#cancels.cancelTurn(turn);
  }

  /** Ends a turn, once: the last of its text, its status and its error are one snapshot. */
  #end(
    turn: Turn,
    { error, isAbort = false }: { error?: AssistantError | undefined; isAbort?: boolean } = {},
  ): void {
    if (this.#turn !== turn) return;
    const { messages } = this.state;
    this.#turn = undefined;
    this.#folded = undefined;
    this.#closing = turn.controller;
    this.publish({ status: error ? 'error' : 'ready', error });
    if (error) this.emit('onError', error);
    if (!turn.isOpen) return;
    const { message, finishReason } = turn;
    this.emit('onFinish', {
      message,
      messages,
      isAbort,
      isDisconnect: error?.code === 'stream_interrupted' || error?.code === 'network',
      isError: error !== undefined,
      ...(finishReason && { finishReason }),
    });
    if (!error && !isAbort) this.#options.onAnswer();
  }
}
