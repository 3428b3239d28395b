import { Conversation, toOpened } from './conversation.ts';
import { createHttp } from './http.ts';
import type { RequestOptions } from './http.ts';
import { withLater } from './lazy.ts';
import { createId, toChatMessage, toDataValues } from './messages.ts';
import type { MessageInput } from './messages.ts';
import type { AssistantClientOptions, SendMessageInput } from './options.ts';
import { append, sendMessage, submit } from './outbox.ts';
import type { AssistantState, ChatMessage } from './state.ts';
import type { Threads } from './threads.ts';
import type { ToolApprovalInput, ToolOutputInput } from './tools.ts';
import type { UploadSource } from './wire.ts';

/**
 * One conversation with an assistant, without React: a state to subscribe to, and functions that change it.
 * The functions are bound, keep their identity, and never reject for what goes wrong on the way: that is in the state.
 */
export class AssistantClient {
  readonly id: string;
  /** List, rename and delete the user's threads. */
  readonly threads: Threads;
  readonly #conversation: Conversation;
  #options: AssistantClientOptions;
  #mounts = 0;

  constructor(options: AssistantClientOptions = {}) {
    this.#options = options;
    this.id = options.id ?? createId();
    const getOptions = () => this.#options;
    const http = createHttp(getOptions);
    const conversation = new Conversation(http, getOptions);
    this.#conversation = conversation;
    const call =
      (name: keyof Threads) =>
      async (...values: unknown[]) =>
        withLater(({ createThreads }) =>
          (createThreads(http, this)[name] as (...values: unknown[]) => Promise<unknown>)(...values),
        );
    this.threads = { list: call('list'), rename: call('rename'), delete: call('delete') } as Threads;
  }

  readonly subscribe = (listener: () => void): (() => void) => this.#conversation.store.subscribe(listener);

  /** The state as it was last told of: an immutable object, the same until it changes. */
  readonly getSnapshot = (): AssistantState => this.#conversation.store.getSnapshot();

  /** The state that a server renders and a browser hydrates. */
  readonly getInitialSnapshot = (): AssistantState => this.#conversation.store.getInitialSnapshot();

  /** Replaces the options that may change: callbacks, request settings and limits. */
  readonly setOptions = (options: AssistantClientOptions): void => {
    this.#options = options;
  };

  /**
   * Begins to work: loads the thread's history and follows its run. Returns the end of that work: every request and timer
   * ends, but for a stop that is on its way. The run on the server goes on.
   */
  readonly mount = (): (() => void) => {
    const { visit } = this.#conversation;
    let isMounted = true;
    this.#mounts += 1;
    if (this.#mounts === 1) {
      const kept = this.#conversation.kept();
      if (kept) void this.#conversation.use(this.#conversation.control, (control) => control.restore(kept));
      // StrictMode mounts twice in one task; the history is asked for once.
      queueMicrotask(() => {
        const { turn, visit: now } = this.#conversation;
        if (visit === now && !turn && !this.#conversation.state.isLoadingHistory) void this.loadHistory();
      });
    }
    return () => {
      if (!isMounted) return;
      isMounted = false;
      this.#mounts -= 1;
      if (this.#mounts === 0) this.#conversation.leave();
    };
  };

  readonly setInput = (value: string | ((input: string) => string)): void => {
    const { input } = this.#conversation.state;
    this.#conversation.publish({ input: typeof value === 'function' ? value(input) : value });
  };

  /** Puts files to the message that is being written and uploads them; of a folder all that are in it. */
  readonly addFiles = (files: ArrayLike<UploadSource | FileSystemDirectoryEntry>): void => {
    // A file input forgets its files when it is emptied, so they are taken at once.
    const sources = Array.from(files);
    if (sources.length > 0)
      void this.#conversation.use(this.#conversation.uploads, (uploads) => void uploads.add(sources));
  };

  readonly removeFile = (id: string): void => this.#conversation.uploads.made?.remove(id);

  /** Takes a message out that waits its turn. */
  readonly removeQueuedMessage = (id: string): void => this.#conversation.queue.made?.remove(id);

  /** Sends a message that waits its turn; what is being answered is stopped. */
  readonly sendQueuedMessageNow = async (id: string): Promise<void> =>
    this.#conversation.queue.made?.sendNow(id);

  readonly setMessages = (
    value: readonly MessageInput[] | ((messages: ChatMessage[]) => readonly MessageInput[]),
  ): void => {
    const { state, turn } = this.#conversation;
    const next = typeof value === 'function' ? value(state.messages) : value;
    const messages = next.map((message) => toChatMessage(message));
    const answer = turn?.isVisible ? turn.message.id : undefined;
    // An answer that is taken out of the list while it is written does not come back with its next word.
    if (answer && !messages.some(({ id }) => id === answer)) turn?.hide();
    this.#conversation.publish({ messages, data: toDataValues(messages) });
  };

  /** Opens another thread, or with undefined a new one. What runs on the server goes on. */
  readonly setThreadId = (threadId: string | undefined): void => {
    if (threadId === this.#conversation.state.threadId) return;
    this.#conversation.leave();
    this.#conversation.returned = undefined;
    this.#conversation.publish(toOpened(threadId, []));
    this.#conversation.emit('onThreadIdChange', threadId);
    if (this.#mounts > 0) void this.loadHistory();
  };

  /** Loads the thread's messages from the server, and follows its run if one is active. */
  readonly loadHistory = async (): Promise<void> => {
    if (this.#conversation.state.threadId === undefined) return;
    this.#conversation.publish({ isLoadingHistory: true });
    await this.#conversation.use(this.#conversation.control, (control) => control.load());
  };

  /** Loads the messages in front of those that are there: a long thread comes in parts. */
  readonly loadPrevious = (): Promise<void> =>
    this.#conversation.use(this.#conversation.control, (control) => control.parts.loadPrevious());

  /** Follows the thread's active run, if there is one. */
  readonly resumeStream = (options?: RequestOptions): Promise<void> =>
    this.#conversation.use(this.#conversation.control, (control) => control.resume(options));

  /** Sends a message and follows the answer. Without a message, hands in the tool outputs that have been added. */
  readonly sendMessage = (message?: SendMessageInput, options?: RequestOptions): Promise<void> =>
    message
      ? sendMessage(this.#conversation, message, options)
      : this.#conversation.use(this.#conversation.tools, (tools) => tools.handIn(options));

  /** Adds a message; with `run: false` the assistant is not asked to answer. */
  readonly append = (
    message: string | MessageInput,
    options: RequestOptions & { run?: boolean } = {},
  ): Promise<void> => append(this.#conversation, message, options);

  /** Sends the input with its files, once they have arrived. When that fails, both stand where they stood. */
  readonly submit = (options?: RequestOptions): Promise<void> => submit(this.#conversation, options);

  /** Asks for the last answer again, or for the one named. */
  readonly regenerate = (options?: { messageId?: string } & RequestOptions): Promise<void> =>
    this.#conversation.use(this.#conversation.control, (control) => control.regenerate(options));

  /** Ends the answer, here at once and on the server. What has been written stays. */
  readonly stop = (): Promise<void> => this.#conversation.stop();

  readonly clearError = (): void => {
    const { status } = this.#conversation.state;
    this.#conversation.publish({ error: undefined, status: status === 'error' ? 'ready' : status });
  };

  /** Gives the output of a tool call; with the last that the run waits for, all are handed in. */
  readonly addToolOutput = (output: ToolOutputInput): Promise<void> =>
    this.#conversation.use(this.#conversation.tools, (tools) => tools.addOutput(output));

  /** Gives the user's decision about a tool call that asked for approval. */
  readonly addToolApprovalResponse = (decision: ToolApprovalInput): Promise<void> =>
    this.#conversation.use(this.#conversation.tools, (tools) => tools.addApproval(decision));
}
