import { AssistantError } from '@use-assistant/protocol';
import { abortable } from './abort.ts';
import { limitTime } from './limit-time.ts';
import { defaultRetry, isTransient, pause } from './backoff.ts';
import type { Conversation } from './conversation.ts';
import type { HttpRequest, RequestOptions } from './http.ts';
import { HistoryParts } from './history-parts.ts';
import { isHistory, isMessage } from './merge-history.ts';
import { toChatMessage, toDataValues } from './messages.ts';
import type { MessageInput } from './messages.ts';
import { fromCancel, fromRunSummary, isActiveRun } from './run-state.ts';
import { post } from './outbox.ts';
import type { ChatMessage } from './state.ts';
import { Turn } from './turn.ts';
import type { TakenFiles } from './uploads.ts';
import { isRecord, isRunOrNone } from './wire.ts';
import type { RunSummary, ThreadHistory } from './wire.ts';
import { requestJson, toJson, toThreadPath } from './requests.ts';
import { onWake } from './wake.ts';

type Bytes = ReadableStream<Uint8Array>;

/** Three times the route's heartbeat: a connection that is silent for so long has died, as after a sleep. */
const longestSilence = 45_000;

/** A heartbeat and a bit: enough when there is a reason to think that the connection has died. */
const suspiciousSilence = 20_000;

/** What a server says that does not know the place to go on from, or not any more. */
const unknownPlace: ReadonlySet<unknown> = new Set([400, 404, 410]);

/** How long a stop waits for the server to name the run, and then for it to take the cancel. */
const patience = 10_000;

/** What can be done with a thread that the server knows: load it, follow its run, take it up again, cancel it. */
export class ThreadControl {
  /** What of the thread is on the page. */
  readonly parts: HistoryParts;
  readonly #conversation: Conversation;
  #loading: AbortController | undefined;
  /** Waits for the network or the page to come back. */
  #waiting: AbortController | undefined;
  #restored: { id: string; content: string; files?: TakenFiles | undefined } | undefined;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.parts = new HistoryParts(conversation);
  }

  /** The thread has been left. */
  clear(): void {
    this.#endLoading();
    this.parts.clear();
  }

  #endLoading(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#waiting?.abort();
  }

  /**
   * A message was not taken: what it had cut off from the list `before`, for it edited one, comes back. If only the answer
   * to it was lost, it leaves the composer or the queue again.
   */
  async giveBack(
    { id, content }: ChatMessage,
    files: TakenFiles | undefined,
    before: readonly ChatMessage[],
    edited: string | undefined,
  ): Promise<void> {
    const { state, returned } = this.#conversation;
    const { messages } = state;
    const index = before.findIndex((message) => message.id === edited);
    // Some of it may have been given back itself meanwhile, or a history has brought it.
    const isElsewhere = (cut: ChatMessage) =>
      cut === returned || messages.some((message) => message.id === cut.id);
    const tail = before.slice(index).filter((cut) => !isElsewhere(cut));
    if (index >= 0) this.#conversation.publish({ messages: messages.toSpliced(index, 0, ...tail) });
    if (!isLost(this.#conversation.state.error)) return;
    this.#restored = { id, content, files };
    await this.load({ isQuiet: true });
  }

  /** Loads the messages, and follows the run if one is active and `follows` is not false; `isQuiet` tells of no failure. */
  async load({ follows = true, isQuiet = false } = {}): Promise<void> {
    const conversation = this.#conversation;
    const { threadId } = conversation.state;
    this.#endLoading();
    if (threadId === undefined) return;
    const loading = new AbortController();
    const { turns } = conversation;
    const before = conversation.state.messages;
    this.#loading = loading;
    conversation.publish({ isLoadingHistory: true });
    try {
      const history = await requestJson<ThreadHistory>(
        this.#conversation.http,
        toThreadPath(threadId),
        isHistory,
        {
          signal: loading.signal,
        },
      );
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      const { turn } = conversation;
      const hasSent = turn !== undefined || turns !== conversation.turns;
      const { run } = history;
      const { messages, hasPrevious } = this.parts.take(history, hasSent ? before : undefined);
      const last = messages.findLast(({ role }) => role === 'assistant');
      const restored = this.#restored;
      const isThere = restored && history.messages.some(({ id }) => id === restored.id);
      if (isThere) {
        this.#restored = undefined;
        restored.files?.release();
        if (conversation.returned?.id === restored.id) conversation.returned = undefined;
        if (conversation.state.input === restored.content) conversation.store.set({ input: '' });
        if (!turn && isLost(conversation.state.error))
          conversation.store.set({ error: undefined, status: 'ready' });
      }
      conversation.publish({
        messages,
        data: toDataValues(messages),
        hasPrevious,
        isLoadingHistory: false,
        ...(!hasSent && { run: fromRunSummary(run, last) }),
      });
      conversation.queue.made?.forget(history.messages);
      if (follows && !conversation.cancelling && isActiveRun(run)) await this.resume({}, true);
      // What waited while the thread was not open goes on, unless a stop or a failure holds it up.
      else if (run?.status === 'completed') conversation.queue.made?.next();
    } catch (error) {
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      conversation.store.set({ isLoadingHistory: false });
      // Who has sent what is looked for may wait for the network already.
      if (isTransient(error) && !(isQuiet && this.#waiting?.signal.aborted === false))
        this.#loadWhenBack(isQuiet ? conversation.state.error : error, { follows, isQuiet });
      if (!isQuiet) conversation.report(error);
    }
  }

  /**
   * Something could not be sent for the network. Once that is back the thread is loaded, which says what of it the server
   * has after all, and hands in what its run waits for; then the task follows.
   */
  recover(task?: () => void): void {
    const { error, threadId } = this.#conversation.state;
    if (error?.code === 'network' && threadId !== undefined) this.#loadWhenBack(error, {}, task);
  }

  #loadWhenBack(error: unknown, options: { follows?: boolean; isQuiet?: boolean }, task?: () => void): void {
    const conversation = this.#conversation;
    this.#whenBack(async () => {
      if (conversation.state.error === error) conversation.publish({ error: undefined, status: 'ready' });
      await this.load(options);
      task?.();
    });
  }

  /** Follows the thread's active run, if there is one, from its start. When one is expected and gone, it has just ended. */
  async resume(options?: RequestOptions, isExpected = false): Promise<void> {
    const conversation = this.#conversation;
    const { threadId } = conversation.state;
    if (threadId === undefined || conversation.turn) return;
    const turn = conversation.begin();
    turn.isPosted = true;
    turn.isExpected = isExpected || isActiveRun(conversation.state.run);
    await conversation.follow(turn, async () => {
      const body = await this.#open(turn, options);
      if (body && conversation.turn === turn) conversation.publish({ status: 'submitted', error: undefined });
      return body;
    });
  }

  /** Puts a message into the input that was kept, unless the thread has it. */
  async restore(kept: string): Promise<void> {
    const conversation = this.#conversation;
    const { threadId, message } = (toJson(kept) ?? {}) as { threadId?: unknown; message?: unknown };
    conversation.kept(null);
    if (threadId !== conversation.state.threadId || !isMessage(message)) return;
    const returned = toChatMessage(message as MessageInput);
    const { id, content } = returned;
    if (conversation.state.input === '') {
      conversation.returned = returned;
      conversation.publish({ input: content });
    }
    // The history is on its way; it knows whether the server has the message.
    this.#restored = { id, content };
  }

  /** Asks for the last answer again, or for the one named. */
  async regenerate({ messageId, ...options }: { messageId?: string } & RequestOptions = {}): Promise<void> {
    const conversation = this.#conversation;
    const { messages } = conversation.state;
    const index = messages.findLastIndex(({ id, role }) =>
      messageId ? id === messageId : role === 'assistant',
    );
    const target = messages[index];
    // The answer to a message of the user is regenerated by naming either.
    const kept = target ? messages.slice(0, target.role === 'user' ? index + 1 : index) : messages;
    const message = kept.findLast(({ role }) => role === 'user');
    if (!message) return;
    const { visit } = conversation;
    // It is about to be asked for the first time.
    if (conversation.turn?.isPosted === false && message === messages.at(-1)) return;
    const turn = conversation.begin();
    conversation.publish({ status: 'submitted', error: undefined, messages: kept });
    await post(
      conversation,
      turn,
      // Where the thread is not known, nothing was answered: it is sent as it was, and answered once.
      conversation.state.threadId === undefined
        ? { message, trigger: 'submit-message' }
        : { message, trigger: 'regenerate-message', messageId: target?.id },
      options,
    );
    // The server still has the answer.
    const isRefused = turn.hasFailed && !turn.isOpen && visit === conversation.visit;
    if (isRefused && !conversation.turn) conversation.publish({ messages });
  }

  /** A further connection to a turn's run, from after the event last seen; null when there is nothing to follow. */
  async reconnect(turn: Turn, cause: unknown): Promise<Bytes | null> {
    // The server has the request, even if not a word of the answer has come.
    turn.isExpected = true;
    const { signal } = turn;
    const retry = { ...defaultRetry, ...this.#conversation.getOptions().retry };
    if (
      signal.aborted ||
      (AssistantError.isInstance(cause) && !isTransient(cause) && cause.code !== 'aborted')
    )
      throw cause;
    if (turn.fruitless >= retry.retries || turn.threadId === undefined) {
      if (turn.threadId !== undefined) this.#whenBack(() => this.#takeUp(turn));
      throw toInterruption(cause);
    }
    await pause(turn.fruitless, retry, signal);
    turn.fruitless += 1;
    try {
      const body = await this.#open(turn);
      if (body && turn.lastEventId === undefined) restart(turn);
      return body;
    } catch (error) {
      const { status, cause: told } = error as AssistantError;
      // The path is not there, says a framework: a route of another make has nothing to resume.
      if ((status === 404 || status === 405) && !told) throw toInterruption(cause);
      const isUnknown = turn.lastEventId !== undefined && unknownPlace.has(status);
      // From its start, then: what is shown stays until the run has come so far again.
      if (isUnknown) turn.lastEventId = undefined;
      return this.reconnect(turn, isUnknown ? undefined : error);
    }
  }

  /** Does something once the network is back or the page is shown again, unless anything else has happened by then. */
  #whenBack(task: () => Promise<void>): void {
    const { turns } = this.#conversation;
    const waiting = new AbortController();
    this.#waiting?.abort();
    this.#waiting = waiting;
    onWake(() => {
      waiting.abort();
      if (turns === this.#conversation.turns) void task();
    }, waiting.signal);
  }

  /** Goes on with an answer that was given up: after the event last seen, as if it had not been. */
  async #takeUp(lost: Turn): Promise<void> {
    const conversation = this.#conversation;
    const turn = conversation.begin();
    const { threadId, lastEventId, isVisible, reducer } = lost;
    Object.assign(turn, { threadId, lastEventId, isVisible, reducer, isPosted: true, isExpected: true });
    if (isVisible && !conversation.state.messages.some(({ id }) => id === turn.message.id)) turn.hide();
    await conversation.follow(turn, async () => {
      const body = await this.#open(turn).catch((cause: unknown) => this.reconnect(turn, cause));
      if (body && turn.lastEventId === undefined) restart(turn);
      if (body && conversation.turn === turn) conversation.publish({ status: 'streaming', error: undefined });
      return body;
    });
  }

  /** Ends a connection that has died without a word. What is heard costs a clock reading; no timer is set anew for it. */
  watch(turn: Turn, connection: AbortController): void {
    const { signal } = connection;
    if (signal.aborted) return;
    const check = (silence: number) => {
      if (Date.now() - turn.heard > silence && turn.threadId !== undefined) connection.abort();
    };
    const timer = setInterval(() => check(longestSilence), longestSilence / 3);
    // No timer runs in a page that sleeps; when it wakes up, it is not to wait for the next.
    onWake(() => check(suspiciousSilence), signal);
    signal.addEventListener('abort', () => clearInterval(timer));
  }

  /** Cancels a turn's run once the server has named it, or else the thread's. */
  async cancel(turn?: Turn): Promise<void> {
    const conversation = this.#conversation;
    const { visit } = conversation;
    if (turn) await limitTime(patience, (signal) => abortable(turn.opening, signal)).catch(() => {});
    turn?.abort();
    const { threadId } = turn ?? conversation.state;
    if (threadId === undefined) return;
    try {
      const { run: summary } = await limitTime(patience, (signal) =>
        requestJson<{ run?: RunSummary | null }>(
          this.#conversation.http,
          toThreadPath(threadId, '/cancel'),
          (value) => isRecord(value) && isRunOrNone(value['run']),
          { json: {}, signal },
        ),
      );
      const { run } = conversation.state;
      // Where there is nothing to cancel, the run has ended a moment ago, and is over here where it was stopped.
      if (visit === conversation.visit && run && (summary ? run.id === summary.id : isActiveRun(run)))
        conversation.publish({ run: fromCancel(run, summary ?? { id: run.id, status: 'cancelled' }) });
    } catch (error) {
      const { status } = error as AssistantError;
      // A route of another make has no such path; that its run goes on is its way.
      if (status !== 404 && status !== 405) throw error;
    }
  }

  #open({ threadId, lastEventId, signal }: Turn, options: HttpRequest = {}): Promise<Bytes | null> {
    const headers = new Headers(options.headers);
    if (lastEventId !== undefined) headers.set('last-event-id', lastEventId);
    return this.#conversation.http.stream(toThreadPath(threadId!, '/stream'), {
      ...options,
      headers,
      signal,
    });
  }
}

/** The next chunks are the run from its start; what is shown stays until they have something to show. */
function restart(turn: Turn): void {
  turn.reducer = new Turn(turn.threadId).reducer;
  turn.isVisible = false;
}

/** Whether the server may have what it could not say that it has. */
function isLost(error: AssistantError | undefined): boolean {
  return error?.code === 'network' || error?.code === 'stream_interrupted';
}

function toInterruption(cause: unknown): AssistantError {
  return new AssistantError('stream_interrupted', 'The connection was lost before the answer was complete.', {
    cause,
  });
}
