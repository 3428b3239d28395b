import { AssistantError, createReducer, isRunStatusData } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import { abortable, createAbortError, pause } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';
import { mergeHistory } from './history.ts';
import { createHttpTransport } from './http-transport.ts';
import {
  createId,
  createUserMessage,
  toChatMessage,
  toDataValues,
  toToolParts,
  toWireMessage,
  withMessage,
} from './messages.ts';
import type { MessageInput } from './messages.ts';
import type { AssistantCallbacks, AssistantClientOptions, DataChunk, SendMessageInput } from './options.ts';
import { followRun } from './resume.ts';
import { fromRunSummary, isActiveRun, reduceRun, withSteps } from './run-state.ts';
import { frameScheduler } from './scheduler.ts';
import type { AssistantState, ChatMessage, FilePart } from './state.ts';
import { createStore } from './store.ts';
import type { Store } from './store.ts';
import { createThreads } from './threads.ts';
import type { Threads } from './threads.ts';
import { isWaitingForOutput, isWaitingForUser, toOutputChunk, toToolCall, toWireOutput } from './tools.ts';
import type { ToolApprovalInput, ToolOutputInput } from './tools.ts';
import type {
  AssistantTransport,
  RequestOptions,
  RunRequest,
  ToolOutput,
  UploadSource,
} from './transport.ts';
import { Turn } from './turn.ts';
import { UploadQueue } from './uploads.ts';
import type { TakenFiles, UploadItem } from './uploads.ts';

const defaultRetry: RetryPolicy = { retries: 5, baseDelay: 500, maxDelay: 8_000 };

/** How long a stop waits for the server to name the run it shall cancel. */
const stopPatience: RetryPolicy = { retries: 0, baseDelay: 10_000, maxDelay: 10_000 };

type Bytes = ReadableStream<Uint8Array>;

/**
 * One conversation with an assistant: its thread, messages, run, input and files.
 *
 * Three rules hold for everything that waits. The last request wins: `#turn` is the one answer that may write, and
 * whoever resumes after an await looks whether it still is. A thread's tokens stay in it: `#visit` changes with the
 * thread. And leaving stops nothing on the server; only `stop`, and a message sent into a running answer, do.
 */
export class AssistantClient {
  readonly id: string;
  readonly threads: Threads;
  readonly #transport: AssistantTransport;
  readonly #store: Store<AssistantState>;
  readonly #uploads: UploadQueue;
  #options: AssistantClientOptions;
  #turn: Turn | undefined;
  /** The last turn's connection, which may still be closing. */
  #closing: AbortController | undefined;
  #history: AbortController | undefined;
  /** The cancel that is on its way; the server takes no message before it has. */
  #cancelling: Promise<void> | undefined;
  /** Counts the threads that were opened and left. */
  #visit = 0;
  /** Counts what was sent, for a history that was asked for before. */
  #sends = 0;
  #mounts = 0;
  #folded: ChatMessage | undefined;
  #hasNewData = false;
  /** Answers to tool calls that have not been handed in. */
  readonly #outputs = new Map<string, ToolOutput>();
  /** Calls that `onToolCall` has had: a replay brings them again. */
  readonly #calledTools = new Set<string>();

  constructor(options: AssistantClientOptions = {}) {
    this.#options = options;
    this.id = options.id ?? createId();
    this.#transport = options.transport ?? createHttpTransport(() => this.#options);
    const messages = (options.messages ?? []).map((message) => toChatMessage(message));
    this.#store = createStore<AssistantState>(
      {
        threadId: options.threadId,
        messages,
        status: 'ready',
        error: undefined,
        run: undefined,
        data: toDataValues(messages),
        input: '',
        files: [],
        isLoadingHistory: false,
      },
      { scheduler: options.scheduler ?? frameScheduler, prepare: (state) => this.#fold(state) },
    );
    this.#uploads = this.#createUploads((files, isUrgent) => {
      this.#store.set({ files });
      if (isUrgent) this.#store.flush();
    });
    this.threads = createThreads(this.#transport, (threadId) => {
      if (threadId === this.#store.get().threadId) this.setThreadId(undefined);
    });
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#store.subscribe(listener);
  readonly getSnapshot = (): AssistantState => this.#store.getSnapshot();
  readonly getInitialSnapshot = (): AssistantState => this.#store.getInitialSnapshot();

  /** Replaces the options that may change: callbacks, request settings and limits. */
  readonly setOptions = (options: AssistantClientOptions): void => {
    this.#options = options;
  };

  /** Begins to work: opens the thread and follows its run. The answer leaves: requests end, the server's run does not. */
  readonly mount = (): (() => void) => {
    this.#mounts += 1;
    const visit = this.#visit;
    if (this.#mounts === 1) {
      // StrictMode mounts twice in one task; the history is asked for once.
      queueMicrotask(() => {
        if (visit === this.#visit && !this.#turn && !this.#history) void this.loadHistory();
      });
    }
    let isMounted = true;
    return () => {
      if (!isMounted) return;
      isMounted = false;
      this.#mounts -= 1;
      if (this.#mounts > 0) return;
      this.#leave();
      this.#uploads.clear();
    };
  };

  readonly setInput = (value: string | ((input: string) => string)): void => {
    const { input } = this.#store.get();
    this.#publish({ input: typeof value === 'function' ? value(input) : value });
  };

  readonly addFiles = (files: ArrayLike<UploadSource>): void => {
    this.#uploads.add(Array.from(files));
  };

  readonly removeFile = (id: string): void => this.#uploads.remove(id);

  readonly setMessages = (
    value: readonly MessageInput[] | ((messages: ChatMessage[]) => readonly MessageInput[]),
  ): void => {
    const before = this.#store.get().messages;
    const messages = (typeof value === 'function' ? value(before) : value).map((message) =>
      toChatMessage(message),
    );
    const turn = this.#turn;
    const shown = turn?.isVisible ? turn.message.id : undefined;
    // An answer that is taken out of the list while it is written does not come back with its next word.
    if (shown && !messages.some(({ id }) => id === shown)) turn!.hide();
    this.#publish({ messages, data: toDataValues(messages) });
  };

  /** Opens another thread, or with undefined a new one. What runs on the server goes on. */
  readonly setThreadId = (threadId: string | undefined): void => {
    if (threadId === this.#store.get().threadId) return;
    this.#leave();
    this.#outputs.clear();
    this.#uploads.clear();
    this.#publish({
      threadId,
      messages: [],
      data: [],
      run: undefined,
      error: undefined,
      status: 'ready',
      input: '',
    });
    this.#emit('onThreadIdChange', threadId);
    if (this.#mounts > 0) void this.loadHistory();
  };

  /** Loads the thread's messages, and follows its run if one is active. */
  readonly loadHistory = async (): Promise<void> => {
    const { threadId } = this.#store.get();
    this.#history?.abort();
    this.#history = undefined;
    if (threadId === undefined) return;
    const history = new AbortController();
    const sends = this.#sends;
    const isCurrent = () => this.#history === history;
    this.#history = history;
    this.#publish({ isLoadingHistory: true });
    try {
      const { messages, run } = await this.#transport.getThread(threadId, { signal: history.signal });
      if (!isCurrent()) return;
      this.#history = undefined;
      const local = this.#store.get().messages;
      const hasSent = this.#turn !== undefined || sends !== this.#sends;
      const known = new Set(messages.map(({ id }) => id));
      const kept = hasSent ? local.filter(({ id }) => !known.has(id) || id === this.#turn?.message.id) : [];
      const merged = mergeHistory(messages, local, kept);
      const last = merged.findLast(({ role }) => role === 'assistant');
      this.#publish({
        messages: merged,
        data: toDataValues(merged),
        isLoadingHistory: false,
        ...(!hasSent && { run: fromRunSummary(run, last) }),
      });
      if (!hasSent && isActiveRun(run)) await this.resumeStream();
    } catch (error) {
      if (!isCurrent()) return;
      this.#history = undefined;
      this.#store.set({ isLoadingHistory: false });
      this.#report(error);
    }
  };

  /** Follows the thread's active run, if there is one. */
  readonly resumeStream = async (options: RequestOptions = {}): Promise<void> => {
    const { threadId } = this.#store.get();
    if (threadId === undefined || this.#turn) return;
    const turn = this.#begin();
    turn.isPosted = true;
    await this.#follow(turn, async () => {
      const body = await this.#transport.resume({ threadId }, { ...options, signal: turn.signal });
      if (body && this.#turn === turn) this.#publish({ status: 'submitted', error: undefined });
      return body;
    });
  };

  /** Sends a message and follows the answer. Without a message, hands in the tool outputs that have been added. */
  readonly sendMessage = async (message?: SendMessageInput, options: RequestOptions = {}): Promise<void> => {
    if (!message) return this.#handInOutputs(options);
    const files = Array.from(message.files ?? []);
    const parts = files.filter((file): file is FilePart => 'url' in file);
    const sources = files.filter((file): file is UploadSource => !('url' in file));
    await this.#send({ ...message, files: parts }, options, { sources });
  };

  /** Adds a message; with `run: false` the assistant does not answer it. */
  readonly append = async (
    message: string | MessageInput,
    { run, ...options }: RequestOptions & { run?: boolean } = {},
  ): Promise<void> => {
    const input = typeof message === 'string' ? { content: message } : message;
    const { id, metadata, parts } = toChatMessage(input);
    await this.#send({ id, metadata, parts }, options, { run });
  };

  /** Sends the input with its files, once they have arrived. When that fails, both stand where they stood. */
  readonly submit = async (options: RequestOptions = {}): Promise<void> => {
    const text = this.#store.get().input;
    const { ids } = this.#uploads;
    if (text.trim() === '' && ids.length === 0) return;
    this.#store.set({ input: '' });
    await this.#send({ text }, options, { fileIds: ids, input: text });
  };

  /** Asks for the last answer again, or for the one named. */
  readonly regenerate = async ({
    messageId,
    ...options
  }: { messageId?: string } & RequestOptions = {}): Promise<void> => {
    const { messages } = this.#store.get();
    const isTarget = ({ id, role }: ChatMessage) => (messageId ? id === messageId : role === 'assistant');
    const target = messages.findLastIndex(isTarget);
    const kept = messages.slice(
      0,
      target < 0 ? messages.length : target + (messages[target]!.role === 'user' ? 1 : 0),
    );
    const message = kept.findLast(({ role }) => role === 'user');
    if (!message) return;
    const turn = this.#begin();
    this.#publish({ status: 'submitted', error: undefined, messages: kept });
    const named = messages[target]?.id;
    await this.#post(
      turn,
      { message, trigger: 'regenerate-message', ...(named && { messageId: named }) },
      options,
    );
  };

  /** Ends the answer, here at once and on the server. What has been written stays. */
  readonly stop = async (): Promise<void> => {
    const turn = this.#turn;
    const { run, threadId } = this.#store.get();
    if (turn) {
      this.#end(turn, { isAbort: true });
      this.#cancelTurn(turn);
    } else if (threadId !== undefined && isActiveRun(run)) {
      this.#cancelRun(threadId);
    }
    await this.#cancelling;
  };

  readonly clearError = (): void => {
    const { status } = this.#store.get();
    this.#publish({ error: undefined, status: status === 'error' ? 'ready' : status });
  };

  /** Gives the output of a tool call; when it is the last that the run waits for, all are handed in. */
  readonly addToolOutput = async (output: ToolOutputInput): Promise<void> => {
    await this.#answerTool(output.toolCallId, toOutputChunk(output), toWireOutput(output));
  };

  /** Gives the user's decision about a tool call that asked for approval. */
  readonly addToolApprovalResponse = async ({ id, approved, reason }: ToolApprovalInput): Promise<void> => {
    const message = this.#store.get().messages.findLast((candidate) => findApproval(candidate, id));
    const call = message && findApproval(message, id);
    if (!call) return;
    const because = reason === undefined ? {} : { reason };
    await this.#answerTool(
      call.toolCallId,
      { type: 'tool-approval-response', approvalId: id, approved, ...because },
      { toolCallId: call.toolCallId, approved, ...because },
    );
  };

  #createUploads(onChange: (files: readonly UploadItem[], isUrgent: boolean) => void): UploadQueue {
    return new UploadQueue({
      upload: (source, options) => this.#transport.uploadFile(source, options),
      // What no message names is of no use to anyone; that it stays is no harm either.
      discard: ({ id }) => void this.#transport.deleteFile(id, {}).catch(() => {}),
      getLimits: () => this.#options,
      onChange,
      retry: { ...defaultRetry, retries: 3, ...this.#options.retry },
    });
  }

  #publish(patch: Partial<AssistantState>): void {
    this.#store.set(patch);
    this.#store.flush();
  }

  /** Brings the answer that is being written into the state: once per publication, not once per token. */
  #fold(state: AssistantState): AssistantState {
    const turn = this.#turn;
    if (!turn?.isVisible || turn.message === this.#folded) return state;
    const message = turn.message;
    this.#folded = message;
    const messages = withMessage(state.messages, message);
    const data = this.#hasNewData ? toDataValues(messages) : state.data;
    this.#hasNewData = false;
    return { ...state, messages, data, run: withSteps(state.run, message) };
  }

  /** Takes the floor: what was being answered is stopped, here and on the server. */
  #begin(message?: AssistantMessage): Turn {
    const previous = this.#turn;
    if (previous) {
      this.#end(previous, { isAbort: true });
      this.#cancelTurn(previous);
    }
    this.#closing?.abort();
    const turn = new Turn(this.#store.get().threadId, message);
    this.#turn = turn;
    return turn;
  }

  /** Leaves the thread: nothing that was asked for may write any more. */
  #leave(): void {
    this.#visit += 1;
    this.#turn?.controller.abort();
    this.#closing?.abort();
    this.#history?.abort();
    const isWriting = this.#turn !== undefined;
    this.#store.get();
    this.#turn = undefined;
    this.#history = undefined;
    this.#cancelling = undefined;
    this.#store.set({ isLoadingHistory: false, ...(isWriting && { status: 'ready' }) });
  }

  async #send(
    draft: Omit<SendMessageInput, 'files'> & { files?: FilePart[] },
    options: RequestOptions,
    {
      sources = [],
      fileIds = [],
      input,
      run,
    }: { sources?: UploadSource[]; fileIds?: string[]; input?: string; run?: boolean | undefined },
  ): Promise<void> {
    const turn = this.#begin();
    const visit = this.#visit;
    let taken: TakenFiles | undefined;
    let message: ChatMessage;
    this.#sends += 1;
    this.#store.set({ status: 'submitted', error: undefined });
    try {
      const uploads = sources.length > 0 ? this.#createUploads(() => {}) : this.#uploads;
      const ids = sources.length > 0 ? addAll(uploads, sources) : fileIds;
      if (ids.length > 0) {
        this.#store.flush();
        await uploads.finish(ids, turn.signal);
        if (this.#turn !== turn) throw createAbortError();
        taken = uploads.take(ids);
      }
      message = createUserMessage({ ...draft, files: [...(draft.files ?? []), ...(taken?.parts ?? [])] });
      const { messages } = this.#store.get();
      const edited = draft.messageId ? messages.findIndex(({ id }) => id === draft.messageId) : -1;
      this.#publish({ messages: [...messages.slice(0, edited < 0 ? messages.length : edited), message] });
    } catch (error) {
      this.#fail(turn, error);
      if (visit === this.#visit) this.#restoreInput(input);
      return;
    }
    const { messageId } = draft;
    const request = { message, trigger: 'submit-message' as const, ...(messageId && { messageId }) };
    await this.#post(turn, { ...request, ...(run === false && { run }) }, options);
    if (input === undefined || turn.isOpen || !turn.hasFailed || visit !== this.#visit)
      return taken?.release();
    // The server has not taken it: the message goes back to where it was written.
    taken?.restore();
    const { messages } = this.#store.get();
    this.#publish({ messages: messages.filter((other) => other !== message) });
    this.#restoreInput(input);
  }

  #restoreInput(input: string | undefined): void {
    if (input !== undefined && this.#store.get().input === '') this.#publish({ input });
  }

  async #post(turn: Turn, request: Omit<RunRequest, 'threadId'>, options: RequestOptions): Promise<void> {
    await this.#follow(turn, async () => {
      await this.#whenCancelled(turn.signal);
      turn.isPosted = true;
      turn.threadId = this.#store.get().threadId;
      const message = toWireMessage(request.message);
      return this.#transport.run(
        { ...request, message, threadId: turn.threadId },
        { ...options, signal: turn.signal },
      );
    });
  }

  async #whenCancelled(signal: AbortSignal): Promise<void> {
    if (this.#cancelling) await abortable(this.#cancelling, signal);
  }

  /** Follows a turn to its end. Never rejects: what goes wrong is in the state. */
  async #follow(turn: Turn, open: () => Promise<Bytes | null>): Promise<void> {
    const { signal } = turn;
    try {
      const outcome = await followRun({
        open,
        reopen: (lastEventId) =>
          turn.threadId === undefined
            ? undefined
            : this.#transport.resume(
                { threadId: turn.threadId, ...(lastEventId !== undefined && { lastEventId }) },
                { signal },
              ),
        onChunk: (chunk) => this.#receive(turn, chunk),
        onRestart: () => turn.restart(),
        signal,
        retry: { ...defaultRetry, ...this.#options.retry },
      });
      if (outcome === 'finished' || this.#turn !== turn) return;
      // Nothing more to follow: the run is over, and the history tells how.
      const wasOpen = turn.isOpen;
      this.#end(turn, {});
      if (wasOpen) await this.loadHistory();
    } catch (error) {
      this.#fail(turn, error);
    } finally {
      turn.open(false);
    }
  }

  /** Takes one chunk; true when it ends the run. Only the chunks that say something about the run cost more than O(delta). */
  #receive(turn: Turn, chunk: AssistantChunk): boolean {
    this.#identify(turn, chunk);
    turn.open();
    if (this.#turn !== turn) return true;
    if (turn.apply(chunk)) this.#publish({ status: 'streaming' });
    else this.#store.touch();
    if (chunk.type === 'text-delta' || chunk.type === 'tool-input-delta') return false;

    const { run } = this.#store.get();
    const nextRun = reduceRun(run, chunk);
    if (nextRun !== run) this.#store.set({ run: nextRun });
    if (chunk.type.startsWith('data-')) this.#receiveData(chunk as DataChunk);
    switch (chunk.type) {
      case 'finish':
        this.#end(turn, {});
        return true;
      case 'abort':
        this.#end(turn, { isAbort: true });
        return true;
      case 'error':
        this.#end(turn, { error: turn.reducer.error ?? new AssistantError('server_error', chunk.errorText) });
        return true;
      default:
        return false;
    }
  }

  #receiveData(chunk: DataChunk): void {
    if (chunk.type === 'data-value') this.#hasNewData = true;
    if (chunk.type === 'data-status' && isRunStatusData(chunk.data)) this.#emit('onStatus', chunk.data);
    this.#emit('onData', chunk);
  }

  /** Learns which thread the server has put the message into. */
  #identify(turn: Turn, chunk: AssistantChunk): void {
    if (chunk.type !== 'start' && chunk.type !== 'message-metadata') return;
    const threadId = chunk.messageMetadata?.threadId;
    if (typeof threadId !== 'string' || threadId === turn.threadId) return;
    const isHere = this.#turn === turn || (turn.isStopping && this.#store.get().threadId === turn.threadId);
    turn.threadId = threadId;
    if (!isHere || this.#store.get().threadId === threadId) return;
    this.#store.set({ threadId });
    this.#emit('onThreadIdChange', threadId);
  }

  /** Ends a turn, once: the last of its text, its status and its error are one snapshot. */
  #end(turn: Turn, { error, isAbort = false }: { error?: AssistantError; isAbort?: boolean }): void {
    if (this.#turn !== turn) return;
    this.#store.get();
    this.#turn = undefined;
    this.#folded = undefined;
    this.#closing = turn.controller;
    this.#publish({ status: error ? 'error' : 'ready', error });
    if (error) this.#emit('onError', error);
    if (!turn.isOpen) return;
    const { finishReason } = turn.reducer;
    this.#emit('onFinish', {
      message: turn.message,
      messages: this.#store.get().messages,
      isAbort,
      isDisconnect: error?.code === 'stream_interrupted' || error?.code === 'network',
      isError: error !== undefined,
      ...(finishReason && { finishReason }),
    });
    if (!error && !isAbort) this.#callTools();
  }

  /** Ends a turn with what went wrong, if it is still of interest. */
  #fail(turn: Turn, cause: unknown): void {
    if (this.#turn !== turn) return;
    const error = toError(cause);
    turn.hasFailed = true;
    turn.controller.abort();
    this.#end(turn, { error });
  }

  /** Shows an error that belongs to no turn. */
  #report(cause: unknown): void {
    const error = toError(cause);
    this.#publish({ error, ...(!this.#turn && { status: 'error' as const }) });
    this.#emit('onError', error);
  }

  /** Cancels on the server what a turn has begun there; only when the server has named its run can it be cancelled. */
  #cancelTurn(turn: Turn): void {
    if (!turn.isPosted) return turn.controller.abort();
    turn.isStopping = true;
    if (turn.isOpen) turn.controller.abort();
    const patience = new AbortController();
    const opening = Promise.race([turn.opening, pause(0, stopPatience, patience.signal)]).finally(() =>
      patience.abort(),
    );
    const visit = this.#visit;
    this.#setCancelling(
      opening.then(() => {
        turn.controller.abort();
        return turn.threadId === undefined ? undefined : this.#requestCancel(turn.threadId, visit);
      }),
    );
  }

  #cancelRun(threadId: string): void {
    this.#setCancelling(this.#requestCancel(threadId, this.#visit));
  }

  #setCancelling(cancel: Promise<void>): void {
    const cancelling = cancel
      .catch(() => {})
      .then(() => {
        if (this.#cancelling === cancelling) this.#cancelling = undefined;
      });
    this.#cancelling = cancelling;
  }

  async #requestCancel(threadId: string, visit: number): Promise<void> {
    try {
      const run = fromRunSummary(await this.#transport.cancel(threadId, {}));
      const current = this.#store.get().run;
      if (visit === this.#visit && run && run.id === current?.id)
        this.#publish({ run: { ...current, ...run, steps: current.steps } });
    } catch (error) {
      // A route of another make has no such path; that its run goes on is its way.
      const { status } = toError(error);
      if (visit === this.#visit && status !== 404 && status !== 405) this.#report(error);
    }
  }

  async #answerTool(toolCallId: string, chunk: AssistantChunk, output: ToolOutput): Promise<void> {
    const { messages } = this.#store.get();
    const message = messages.findLast((candidate) =>
      toToolParts(candidate).some((part) => part.toolCallId === toolCallId),
    );
    if (!message) return;
    this.#outputs.set(toolCallId, output);
    const turn = this.#turn;
    if (turn?.isVisible && turn.message.id === message.id) {
      turn.apply(chunk);
      this.#store.flush();
      return;
    }
    const reducer = createReducer(message);
    reducer.apply(chunk);
    this.#publish({ messages: withMessage(messages, toChatMessage(reducer.message())) });
    if (!turn) await this.#handInOutputs({});
  }

  /** Hands in the outputs when the run waits for no further one, and follows the rest of the run. */
  async #handInOutputs(options: RequestOptions): Promise<void> {
    const { messages, threadId, run } = this.#store.get();
    const message = messages.at(-1);
    const runId = run?.id ?? message?.metadata?.runId;
    if (this.#turn || !message || message.role !== 'assistant' || isWaitingForUser(message)) return;
    if (this.#outputs.size === 0 || threadId === undefined || runId === undefined) return;
    const outputs = new Map(this.#outputs);
    this.#outputs.clear();
    const turn = this.#begin(message);
    this.#publish({ status: 'submitted', error: undefined });
    await this.#follow(turn, () => {
      turn.isPosted = true;
      const request = { threadId, runId, outputs: Array.from(outputs.values()) };
      return this.#transport.submitToolOutputs(request, { ...options, signal: turn.signal });
    });
    // Outputs that did not arrive are handed in with the next attempt.
    if (!turn.isOpen && this.#store.get().threadId === threadId) {
      for (const [id, output] of outputs) if (!this.#outputs.has(id)) this.#outputs.set(id, output);
    }
  }

  /** The run has paused: runs the tools it waits for. Called at the end of a stream, for a replay may answer them itself. */
  #callTools(): void {
    const message = this.#store.get().messages.at(-1);
    const { onToolCall } = this.#options;
    if (onToolCall) {
      for (const part of toToolParts(message)) {
        if (!isWaitingForOutput(part) || this.#calledTools.has(part.toolCallId)) continue;
        this.#calledTools.add(part.toolCallId);
        void this.#callTool(toToolCall(part), onToolCall);
      }
    }
    void this.#handInOutputs({});
  }

  async #callTool(
    toolCall: ReturnType<typeof toToolCall>,
    onToolCall: NonNullable<AssistantCallbacks['onToolCall']>,
  ): Promise<void> {
    const visit = this.#visit;
    const { toolName: tool, toolCallId } = toolCall;
    try {
      const output = await onToolCall({ toolCall });
      if (output !== undefined && visit === this.#visit)
        await this.addToolOutput({ tool, toolCallId, output });
    } catch (error) {
      const errorText = error instanceof Error ? error.message : String(error);
      if (visit === this.#visit)
        await this.addToolOutput({ tool, toolCallId, state: 'output-error', errorText });
    }
  }

  #emit<Name extends keyof AssistantCallbacks>(
    name: Name,
    value: Parameters<NonNullable<AssistantCallbacks[Name]>>[0],
  ): void {
    const callback = this.#options[name] as ((value: unknown) => unknown) | undefined;
    try {
      callback?.(value);
    } catch (error) {
      void Promise.reject(error);
    }
  }
}

function addAll(uploads: UploadQueue, sources: UploadSource[]): string[] {
  const items = uploads.add(sources);
  const refused = items.find(({ error }) => error);
  if (!refused) return items.map(({ id }) => id);
  uploads.clear();
  throw refused.error;
}

function findApproval(message: AssistantMessage, id: string) {
  return toToolParts(message).find((part) => part.approval?.id === id);
}

function toError(cause: unknown): AssistantError {
  return AssistantError.isInstance(cause)
    ? cause
    : new AssistantError('server_error', 'Something went wrong.', { cause });
}
