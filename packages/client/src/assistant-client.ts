import { defaultRetry } from './backoff.ts';
import { Conversation } from './conversation.ts';
import { History } from './history.ts';
import { createHttpTransport } from './http-transport.ts';
import { createId, toChatMessage, toDataValues } from './messages.ts';
import type { MessageInput } from './messages.ts';
import type { AssistantClientOptions, SendMessageInput } from './options.ts';
import { Outbox } from './outbox.ts';
import type { AssistantState, ChatMessage } from './state.ts';
import { createThreads } from './threads.ts';
import type { Threads } from './threads.ts';
import { ToolAnswers } from './tool-answers.ts';
import type { ToolApprovalInput, ToolOutputInput } from './tools.ts';
import type { AssistantTransport, RequestOptions, UploadSource } from './transport.ts';
import { UploadQueue } from './uploads.ts';
import type { UploadItem } from './uploads.ts';

/**
 * One conversation with an assistant, without React: a state to subscribe to, and functions that change it.
 * The functions are bound, keep their identity, and never reject for what goes wrong on the way: that is in the state.
 */
export class AssistantClient {
  readonly id: string;
  /** List, rename and delete the user's threads. */
  readonly threads: Threads;
  readonly #transport: AssistantTransport;
  readonly #conversation: Conversation;
  readonly #history: History;
  readonly #tools: ToolAnswers;
  readonly #uploads: UploadQueue;
  readonly #outbox: Outbox;
  #options: AssistantClientOptions;
  #mounts = 0;

  constructor(options: AssistantClientOptions = {}) {
    this.#options = options;
    this.id = options.id ?? createId();
    const transport = options.transport ?? createHttpTransport(() => this.#options);
    const conversation = new Conversation({
      transport,
      getOptions: () => this.#options,
      onAnswer: () => this.#tools.run(this.#options.onToolCall),
      // Without following it once more: a route that says both would be asked for ever.
      onGone: () => this.#history.load({ follows: false }),
    });
    this.#transport = transport;
    this.#conversation = conversation;
    this.#history = new History(conversation, transport);
    this.#tools = new ToolAnswers(conversation, transport);
    this.#uploads = this.#createUploads((files, isUrgent) => {
      conversation.store.set({ files });
      if (isUrgent) conversation.store.flush();
    });
    this.#outbox = new Outbox({
      conversation,
      transport,
      uploads: this.#uploads,
      createUploads: () => this.#createUploads(() => {}),
    });
    this.threads = createThreads(transport, (threadId) => {
      if (threadId === conversation.state.threadId) this.setThreadId(undefined);
    });
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
      // StrictMode mounts twice in one task; the history is asked for once.
      queueMicrotask(() => {
        const { turn, visit: now } = this.#conversation;
        if (visit === now && !turn && !this.#history.isLoading) void this.loadHistory();
      });
    }
    return () => {
      if (!isMounted) return;
      isMounted = false;
      this.#mounts -= 1;
      if (this.#mounts === 0) this.#leave();
    };
  };

  readonly setInput = (value: string | ((input: string) => string)): void => {
    const { input } = this.#conversation.state;
    this.#conversation.publish({ input: typeof value === 'function' ? value(input) : value });
  };

  /** Puts files to the message that is being written and uploads them. */
  readonly addFiles = (files: ArrayLike<UploadSource>): void => void this.#uploads.add(Array.from(files));

  readonly removeFile = (id: string): void => this.#uploads.remove(id);

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
    this.#leave();
    this.#conversation.publish({
      threadId,
      messages: [],
      data: [],
      run: undefined,
      error: undefined,
      status: 'ready',
      input: '',
    });
    this.#conversation.emit('onThreadIdChange', threadId);
    if (this.#mounts > 0) void this.loadHistory();
  };

  /** Loads the thread's messages from the server, and follows its run if one is active. */
  readonly loadHistory = (): Promise<void> => this.#history.load();

  /** Follows the thread's active run, if there is one. */
  readonly resumeStream = (options: RequestOptions = {}): Promise<void> => this.#history.resume(options);

  /** Sends a message and follows the answer. Without a message, hands in the tool outputs that have been added. */
  readonly sendMessage = (message?: SendMessageInput, options: RequestOptions = {}): Promise<void> =>
    message ? this.#outbox.sendMessage(message, options) : this.#tools.handIn(options);

  /** Adds a message; with `run: false` the assistant is not asked to answer. */
  readonly append = (
    message: string | MessageInput,
    options: RequestOptions & { run?: boolean } = {},
  ): Promise<void> => this.#outbox.append(message, options);

  /** Sends the input with its files, once they have arrived. When that fails, both stand where they stood. */
  readonly submit = (options: RequestOptions = {}): Promise<void> => this.#outbox.submit(options);

  /** Asks for the last answer again, or for the one named. */
  readonly regenerate = ({
    messageId,
    ...options
  }: { messageId?: string } & RequestOptions = {}): Promise<void> =>
    this.#outbox.regenerate(messageId, options);

  /** Ends the answer, here at once and on the server. What has been written stays. */
  readonly stop = (): Promise<void> => this.#conversation.stop();

  readonly clearError = (): void => {
    const { status } = this.#conversation.state;
    this.#conversation.publish({ error: undefined, status: status === 'error' ? 'ready' : status });
  };

  /** Gives the output of a tool call; with the last that the run waits for, all are handed in. */
  readonly addToolOutput = (output: ToolOutputInput): Promise<void> => this.#tools.addOutput(output);

  /** Gives the user's decision about a tool call that asked for approval. */
  readonly addToolApprovalResponse = (decision: ToolApprovalInput): Promise<void> =>
    this.#tools.addApproval(decision);

  #leave(): void {
    this.#conversation.leave();
    this.#history.abort();
    this.#tools.clear();
    this.#uploads.clear();
  }

  #createUploads(onChange: (files: readonly UploadItem[], isUrgent: boolean) => void): UploadQueue {
    return new UploadQueue({
      upload: (source, options) => this.#transport.uploadFile(source, options),
      // What no message names is of no use to anyone, and that it stays is no harm either.
      discard: ({ id }) => void this.#transport.deleteFile(id, {}).catch(() => {}),
      getLimits: () => this.#options,
      onChange,
      retry: { ...defaultRetry, retries: 3, ...this.#options.retry },
    });
  }
}
