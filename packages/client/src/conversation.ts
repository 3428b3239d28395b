import { isRunStatusData, isRichChunk, readStream } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantError, AssistantMessage } from '@use-assistant/protocol';
import { toAssistantError } from './abort.ts';
import type { Http } from './http.ts';
import { createPart, withLater, withRichParts, withToolAnswers, withUploads } from './lazy.ts';
import type { Part } from './lazy.ts';
import type { MessageQueue } from './message-queue.ts';
import { isToolPart, toChatMessage, toDataValues, withMessage } from './messages.ts';
import type { AssistantCallbacks, AssistantClientOptions, DataChunk } from './options.ts';
import { isActiveRun, reduceRun, withSteps } from './run-state.ts';
import { frameScheduler } from './scheduler.ts';
import type { AssistantState, AssistantStatus, ChatMessage } from './state.ts';
import { createStore } from './store.ts';
import type { Store } from './store.ts';
import type { ThreadControl } from './thread-control.ts';
import type { ToolAnswers } from './tool-answers.ts';
import { Turn } from './turn.ts';
import type { UploadQueue } from './uploads.ts';

type Bytes = ReadableStream<Uint8Array>;

/** What of the state belongs to a thread, when that has just been opened. */
export function toOpened(threadId: string | undefined, messages: ChatMessage[]) {
  const status: AssistantStatus = 'ready';
  const data = toDataValues(messages);
  return { threadId, messages, data, status, input: '', error: undefined, run: undefined };
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
  readonly http: Http;
  /** Read anew whenever one is used. */
  readonly getOptions: () => AssistantClientOptions;
  /** What is needed for a thread that the server knows. */
  readonly control: Part<ThreadControl> = createPart(
    withLater,
    ({ ThreadControl }) => new ThreadControl(this),
  );
  readonly tools: Part<ToolAnswers> = createPart(withToolAnswers, ({ ToolAnswers }) => new ToolAnswers(this));
  readonly queue: Part<MessageQueue> = createPart(withLater, ({ MessageQueue }) => new MessageQueue(this));
  /** The files of the composer. */
  readonly uploads: Part<UploadQueue> = createPart(withUploads, ({ createUploads }) => createUploads(this));
  /** Changes whenever the thread is left: what was asked for before concerns nobody any more. Only this class counts. */
  visit = 0;
  /** Counts the turns, for who wants to know whether there were any meanwhile. Only this class counts. */
  turns = 0;
  /** A stop that is on its way: while it is, the server takes no message. */
  cancelling: Promise<void> | undefined;
  /** What has been put back to the input: sent from there unchanged, it is the same message. */
  returned: ChatMessage | undefined;
  #turn: Turn | undefined;
  /** The last turn, whose connection may still be closing. */
  #closing: Turn | undefined;
  #folded: ChatMessage | undefined;
  #hasNewData = false;

  constructor(http: Http, getOptions: () => AssistantClientOptions) {
    this.http = http;
    this.getOptions = getOptions;
    const { threadId, messages = [], scheduler = frameScheduler } = getOptions();
    const first = messages.map((message) => toChatMessage(message));
    this.store = createStore<AssistantState>(
      {
        ...toOpened(threadId, first),
        files: [],
        queuedMessages: [],
        isLoadingHistory: false,
        hasPrevious: false,
        isLoadingPrevious: false,
      },
      { scheduler, prepare: (state) => this.#fold(state) },
    );
  }

  /** Does something with a part, if the thread has not been left when that is there. Never rejects. */
  async use<Instance>(
    part: Part<Instance>,
    task: (instance: Instance) => Promise<void> | void,
  ): Promise<void> {
    const { visit } = this;
    try {
      await part.use((instance) => (visit === this.visit ? task(instance) : undefined));
    } catch (error) {
      if (visit !== this.visit) return;
      this.store.set({ isLoadingHistory: false });
      this.report(error);
    }
  }

  get state(): AssistantState {
    return this.store.get();
  }

  /** The answer that is being written or asked for. */
  get turn(): Turn | undefined {
    return this.#turn;
  }

  /** Changes the state and tells of it now. */
  publish(patch: Partial<AssistantState>): void {
    this.store.set(patch);
    this.store.flush();
  }

  /** What is kept of a message that the server may not have yet; kept anew with a value, let go with null. */
  kept(value?: string | null): string | null {
    try {
      const { id = '', storage = sessionStorage } = this.getOptions();
      const key = `use-assistant:${id}`;
      if (value) storage.setItem(key, value);
      else if (value === null) storage.removeItem(key);
      else return storage.getItem(key);
    } catch {
      // It is full, forbidden, or not there at all: then a reload loses what is not sent yet.
    }
    return null;
  }

  /** Takes the floor, to go on with a message or to begin one: what was being answered is stopped, here and there. */
  begin(message?: AssistantMessage): Turn {
    this.#interrupt();
    this.#closing?.abort();
    this.turns += 1;
    this.#turn = new Turn(this.state.threadId, message);
    return this.#turn;
  }

  /** Ends the answer, here at once and on the server. What has been written stays. */
  async stop(): Promise<void> {
    this.#interrupt();
    await this.free();
  }

  /** Settles when the server takes messages: a run that goes on, or waits for a tool, is stopped for that. */
  async free(): Promise<void> {
    if (!this.cancelling && isActiveRun(this.state.run)) this.#cancel();
    await this.cancelling;
  }

  /** Leaves the thread: nothing that was asked for may write any more. Its run goes on. */
  leave(): void {
    const { status } = this.state;
    this.visit += 1;
    this.#turn?.abort();
    this.#closing?.abort();
    this.#turn = undefined;
    // They go on, and concern nobody here.
    this.cancelling = undefined;
    for (const part of [this.control, this.tools, this.queue, this.uploads]) part.made?.clear();
    this.store.set({ status: status === 'error' ? status : 'ready', isLoadingHistory: false });
  }

  /**
   * Follows a turn to its end, over as many connections as that takes. Never rejects: what goes wrong is in the state.
   * A stream that ends without saying how the run ended counts as a lost connection.
   */
  async follow(turn: Turn, open: () => Promise<Bytes | null>): Promise<void> {
    const { control } = this;
    try {
      for (let body = await open(); body;) {
        const loss = await this.#read(turn, body);
        if (!loss) return;
        body = await control.use((thread) => thread.reconnect(turn, loss.cause));
      }
      if (this.#turn !== turn) return;
      this.#end(turn);
      // Without following it once more: a route that says both would be asked for ever.
      if (turn.isOpen || turn.isExpected) await control.use((thread) => thread.load({ follows: false }));
    } catch (error) {
      this.fail(turn, error);
    } finally {
      turn.open(false);
    }
  }

  /** Reads a connection to the run's last chunk, or answers why it was lost. */
  #read(turn: Turn, body: Bytes): Promise<{ cause?: unknown } | undefined> {
    this.kept(null);
    const connection = turn.connect();
    const hear = () => {
      turn.heard = Date.now();
    };
    const watch = async () => this.control.use((thread) => thread.watch(turn, connection));
    // While the line holds, what is needed when it breaks is brought.
    watch().catch(() => {});
    return new Promise((resolve) => {
      let isOver = false;
      readStream(body, {
        signal: connection.signal,
        onComment: hear,
        onFrame: ({ chunk, id }) => {
          hear();
          // What follows the last chunk is still read, so that the connection closes clean.
          if (isOver) return;
          const take = () => {
            isOver = this.#receive(turn, chunk);
            // An event seen for the first time is progress: a replay that always breaks at one place is none.
            if (id !== undefined) Object.assign(turn, { lastEventId: id, fruitless: 0 });
            if (isOver) resolve(undefined);
          };
          return isRichChunk(chunk) ? withRichParts(take) : take();
        },
      })
        .then(
          () => resolve({}),
          (cause: unknown) => resolve({ cause }),
        )
        .finally(() => connection.abort());
    });
  }

  /** Ends a turn that has turned out to have nothing to ask. */
  abandon(turn: Turn): void {
    turn.abort();
    this.#end(turn);
  }

  /** Ends a turn with what went wrong, if it is still of interest. */
  fail(turn: Turn, cause: unknown): void {
    if (this.#turn !== turn) return;
    turn.hasFailed = true;
    turn.abort();
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
    const callback = this.getOptions()[name] as ((value: unknown) => unknown) | undefined;
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
    if (chunk.type.endsWith('-delta')) return false;

    const { run } = this.state;
    const nextRun = reduceRun(run, chunk);
    if (nextRun !== run) this.store.set({ run: nextRun });
    if (chunk.type.startsWith('data-')) this.#receiveData(chunk as DataChunk);
    this.tools.made?.hear(chunk);
    if (chunk.type === 'finish') this.#end(turn);
    else if (chunk.type === 'abort') this.#end(turn, { isAbort: true });
    else if (chunk.type === 'error') this.#end(turn, { error: turn.reducer.error });
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
    if (!turn.isPosted) return turn.abort();
    turn.isStopping = true;
    if (turn.isOpen) turn.abort();
    this.#cancel(turn);
  }

  /** Ends a run on the server: to close the connection would merely be to look away. */
  #cancel(turn?: Turn): void {
    const { visit } = this;
    const cancelling: Promise<void> = Promise.resolve(this.control.use((thread) => thread.cancel(turn)))
      .catch((error: unknown) => {
        if (visit === this.visit) this.report(error);
      })
      .then(() => {
        if (this.cancelling === cancelling) this.cancelling = undefined;
      });
    this.cancelling = cancelling;
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
    this.#closing = turn;
    this.kept(null);
    this.publish({ status: error ? 'error' : 'ready', error });
    if (error) this.emit('onError', error);
    if (!turn.isOpen) return;
    const { message, reducer } = turn;
    const { finishReason } = reducer;
    this.emit('onFinish', {
      message,
      messages,
      isAbort,
      isDisconnect: /^(?:stream_interrupted|network)$/.test(error?.code ?? ''),
      isError: error !== undefined,
      ...(finishReason && { finishReason }),
    });
    if (error || isAbort) return;
    if (message.parts.some((part) => isToolPart(part))) void this.use(this.tools, (tools) => tools.run());
    this.queue.made?.next();
  }
}
