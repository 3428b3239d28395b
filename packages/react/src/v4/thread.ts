import { createStore, frameScheduler } from '@use-assistant/client';
import type { Store } from '@use-assistant/client';
import { abortable, toSentence } from './answer-of-route.ts';
import type {
  AppendOptions,
  AssistantStatus,
  CreateMessage,
  Message,
  UseAssistantHelpers,
  UseAssistantOptions,
} from './types.ts';
import { readV4Stream } from './wire.ts';
import type { V4Part } from './wire.ts';

/** What the hook shows; each snapshot is immutable. */
export interface ThreadState {
  messages: Message[];
  threadId: string | undefined;
  input: string;
  status: AssistantStatus;
  error: Error | undefined;
}

type Functions = Omit<UseAssistantHelpers, keyof ThreadState>;

/** One answer on its way; only the newest may write. */
interface Answer {
  /** Aborted when nobody wants it any more. */
  controller: AbortController;
  /** Its connection, which outlives it when it was stopped before the route had said which run to cancel. */
  connection: AbortController;
  /** Settles when the run is sure to be there, or that there is none to cancel. */
  beginning: Promise<void>;
  /** Says so. */
  begin(): void;
  hasBegun: boolean;
  /** The message that it answers, as it is called now. */
  userMessageId: string;
  /** Where its text goes; a message of its own until the server names one. */
  messageId: string | undefined;
  /** What has been written into it since the last snapshot. */
  pieces: string[];
  /** The thread as our handler names it; other routes name none, and have no way to cancel. */
  cancellable: string | undefined;
}

/** A thread with a v4 route: its state, and bound functions that change it. */
export class Thread {
  readonly store: Store<ThreadState>;
  #options: UseAssistantOptions;
  #answer: Answer | undefined;
  /** Settles when the run that was stopped has left its thread. */
  #stopping: Promise<unknown> | undefined;

  constructor(options: UseAssistantOptions) {
    this.#options = options;
    this.store = createStore<ThreadState>(
      {
        messages: [],
        threadId: options.threadId,
        input: '',
        status: 'awaiting_message',
        error: undefined,
      },
      { scheduler: frameScheduler, prepare: (state) => this.#fold(state) },
    );
  }

  readonly functions: Functions = {
    append: (message, options) => this.#append(message, options),
    setMessages: (value) => {
      const { messages } = this.store.get();
      this.#publish({ messages: typeof value === 'function' ? value(messages) : value });
    },
    setThreadId: (threadId) => {
      this.#end();
      this.#publish({ threadId, messages: [], status: 'awaiting_message', error: undefined });
    },
    setInput: (value) => {
      const { input } = this.store.get();
      this.#publish({ input: typeof value === 'function' ? value(input) : value });
    },
    handleInputChange: (event) => this.#publish({ input: event.target.value }),
    submitMessage: async (event, options) => {
      event?.preventDefault?.();
      const { input } = this.store.get();
      if (input === '') return;
      this.#publish({ input: '' });
      await this.#append({ role: 'user', content: input, parts: [] }, options);
    },
    stop: () => {
      const answer = this.#answer;
      this.#leave();
      this.#publish({ status: 'awaiting_message' });
      if (answer) this.#stopping = Promise.all([this.#stopping, this.#stop(answer)]);
    },
  };

  /** Replaces the callbacks and the settings of requests. */
  readonly setOptions = (options: UseAssistantOptions): void => {
    this.#options = options;
  };

  /** Ends what is on its way, as when the page goes away. */
  readonly leave = (): void => {
    this.#end();
    this.store.set({ status: 'awaiting_message' });
  };

  async #append(message: Message | CreateMessage, { data }: AppendOptions = {}): Promise<void> {
    // Of two answers at once the newer is wanted; the older would write into the same list.
    this.#end();
    const id = message.id || createId();
    const answer: Answer = {
      controller: new AbortController(),
      connection: new AbortController(),
      ...createBeginning(),
      userMessageId: id,
      messageId: undefined,
      pieces: [],
      cancellable: undefined,
    };
    this.#answer = answer;
    const { messages, threadId } = this.store.get();
    this.#publish({
      status: 'in_progress',
      error: undefined,
      messages: messages.concat({ ...message, id }),
    });
    try {
      await abortable(this.#follow(answer, threadId, message.content, data), answer.controller.signal);
    } catch (cause) {
      if (this.#answer === answer) this.#fail(cause);
    }
    if (this.#answer !== answer) return;
    this.#end();
    this.#publish({ status: 'awaiting_message' });
  }

  async #follow(
    answer: Answer,
    threadId: string | undefined,
    message: string,
    data: AppendOptions['data'],
  ): Promise<void> {
    const { signal } = answer.connection;
    try {
      // What was stopped may hold the thread for a moment yet.
      if (this.#stopping) await abortable(this.#stopping, answer.controller.signal);
      const { api, body } = this.#options;
      // What is undefined is left out.
      const json = JSON.stringify({ ...body, threadId: threadId ?? null, message, data });
      const response = await abortable(this.#fetch(api, signal, json), signal);
      if (!response.ok) {
        const text = await abortable(response.text(), signal);
        throw new Error(toSentence(text) || `The route answered with status ${response.status}.`);
      }
      if (!response.body) throw new Error('The response body is empty.');
      answer.cancellable = response.headers.get('x-assistant-thread') ?? undefined;
      if (answer.cancellable === undefined) answer.begin();
      await readV4Stream(response.body, signal, (part) => {
        // The thread is named before its run is made.
        if (part.type !== 'assistant_control_data') answer.begin();
        this.#take(answer, part);
      });
    } finally {
      answer.begin();
    }
  }

  /**
   * Ends the run on the server too. Where that fails, the next message is refused, and says why. An answer of which nothing
   * has come may have no run yet, nor its thread a name: what the route says first is waited for.
   */
  async #stop(answer: Answer): Promise<void> {
    if (!answer.hasBegun) {
      const patience = setTimeout(() => answer.begin(), runPatience);
      await answer.beginning;
      clearTimeout(patience);
    }
    answer.connection.abort();
    const thread = answer.cancellable;
    if (thread === undefined) return;
    const path = `/threads/${encodeURIComponent(thread)}/cancel`;
    const url = this.#options.api.replace(/\/*(?=[?#]|$)/, path);
    await this.#fetch(url, AbortSignal.timeout(cancelPatience)).catch(() => {});
  }

  async #fetch(url: string, signal: AbortSignal, json?: string): Promise<Response> {
    const { fetch = globalThis.fetch, credentials, headers } = this.#options;
    const all = new Headers(json === undefined ? {} : { 'Content-Type': 'application/json' });
    new Headers(headers).forEach((value, name) => all.set(name, value));
    return fetch(url, {
      method: 'POST',
      headers: all,
      signal,
      ...(json !== undefined && { body: json }),
      ...(credentials && { credentials }),
    });
  }

  #take(answer: Answer, part: V4Part): void {
    if (this.#answer !== answer) return;
    switch (part.type) {
      case 'text':
        if (answer.messageId === undefined) this.#open(answer, createId(), '');
        answer.pieces.push(part.text);
        return this.store.touch();
      case 'assistant_message':
        return this.#open(answer, part.id, part.text);
      case 'data_message': {
        const { id = createId(), data } = part;
        return this.#add({ id, role: 'data', content: '', data, parts: [] });
      }
      case 'assistant_control_data': {
        const { messages } = this.store.get();
        const { threadId, messageId } = part;
        const index = messages.findLastIndex(({ id }) => id === answer.userMessageId);
        const named = index < 0 ? messages : messages.with(index, { ...messages[index]!, id: messageId });
        this.store.set({ threadId, messages: named });
        answer.userMessageId = messageId;
        return;
      }
      case 'error':
        this.#fail(new Error(part.message));
    }
  }

  #open(answer: Answer, id: string, content: string): void {
    this.#add({ id, role: 'assistant', content, parts: [] });
    answer.messageId = id;
  }

  #add(message: Message): void {
    this.store.set({ messages: this.store.get().messages.concat(message) });
  }

  /** Brings what has been written into the list: once per frame, not once per piece. */
  #fold(state: ThreadState): ThreadState {
    const { messageId, pieces } = this.#answer ?? { pieces: [] };
    if (pieces.length === 0) return state;
    const text = pieces.join('');
    pieces.length = 0;
    const index = state.messages.findLastIndex(({ id }) => id === messageId);
    // It was taken out of the list while it was written.
    if (index < 0) return state;
    const message = state.messages[index]!;
    return {
      ...state,
      messages: state.messages.with(index, { ...message, content: message.content + text }),
    };
  }

  #fail(cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#publish({ error });
    this.#options.onError?.(error);
  }

  #end(): void {
    this.#answer?.connection.abort();
    this.#leave();
  }

  #leave(): void {
    const answer = this.#answer;
    // What has been written stays.
    this.store.get();
    this.#answer = undefined;
    answer?.controller.abort();
  }

  #publish(patch: Partial<ThreadState>): void {
    this.store.set(patch);
    this.store.flush();
  }
}

function createBeginning(): Pick<Answer, 'beginning' | 'begin' | 'hasBegun'> {
  let resolve: () => void;
  return {
    hasBegun: false,
    beginning: new Promise<void>((settle) => {
      resolve = settle;
    }),
    begin() {
      this.hasBegun = true;
      resolve();
    },
  };
}

/** Milliseconds after which a run is there that has not said a word, or never will be. */
const runPatience = 3_000;

/** Milliseconds that a cancel may take before the next message no longer waits for it. */
const cancelPatience = 5_000;

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** An id as the removed hook made them: 16 letters and digits. */
function createId(): string {
  return Array.from({ length: 16 }, () => letters[Math.floor(Math.random() * letters.length)]).join('');
}
