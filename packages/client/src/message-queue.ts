import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { createUserMessage } from './messages.ts';
import { send } from './outbox.ts';
import type { Draft } from './outbox.ts';
import type { ChatMessage } from './state.ts';

interface Entry {
  message: ChatMessage;
  draft: Draft;
  options: RequestOptions | undefined;
  /** Only the user can send it: the thread that it waited in had no name yet, and cannot be found again. */
  isHeld: boolean;
}

/** Messages that wait until the assistant has answered. */
export class MessageQueue {
  readonly #conversation: Conversation;
  #entries: Entry[] = [];
  /** What waits in threads that have been left. */
  readonly #left = new Map<string | undefined, Entry[]>();
  #controller = new AbortController();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Puts a message at the end, as soon as its files have arrived. */
  async add(draft: Draft, options: RequestOptions | undefined): Promise<void> {
    const { signal } = this.#controller;
    try {
      const claim = await draft.claim;
      const taken = await claim?.take(signal);
      const message = createUserMessage({ ...draft, files: taken?.parts });
      taken?.release();
      if (message.parts.length > 0) this.#set([...this.#entries, { message, draft, options, isHeld: false }]);
    } catch (error) {
      if (!signal.aborted) draft.restore?.(draft.again);
      throw error;
    }
    // The answer may have ended while the files arrived.
    this.next();
  }

  /** Sends the first, if nothing is being answered and no tool is waited for. */
  next(): void {
    const { turn, state } = this.#conversation;
    const first = this.#entries.find(({ isHeld }) => !isHeld);
    const isFree = !turn && state.status === 'ready' && state.run?.status !== 'requires_action';
    if (first && isFree) void this.sendNow(first.message.id);
  }

  /** Sends one out of turn; what is being answered is stopped. When the server does not take it, it waits again. */
  async sendNow(id: string): Promise<void> {
    const entry = this.#entries.find(({ message }) => message.id === id);
    if (!entry) return;
    this.remove(id);
    const { draft, message, options } = entry;
    const { parts, metadata } = message;
    let isBack = false;
    const restore = () => {
      isBack = true;
      this.#set([entry, ...this.#entries]);
    };
    await send(
      this.#conversation,
      { id, parts, metadata, run: draft.run, messageId: draft.messageId, restore },
      options,
    );
    if (isBack) this.#conversation.control.made?.recover(() => this.next());
  }

  /** Messages that the server has after all: only its answer was lost. */
  forget(messages: readonly { id: string }[]): void {
    const known = new Set(messages.map(({ id }) => id));
    const left = this.#entries.filter(({ message }) => !known.has(message.id));
    if (left.length < this.#entries.length) this.#set(left);
  }

  remove(id: string): void {
    this.#set(this.#entries.filter(({ message }) => message.id !== id));
  }

  /** The thread is left; what waits in it is there again when it is opened again. */
  clear(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    const { threadId } = this.#conversation.state;
    if (this.#entries.length > 0)
      this.#left.set(
        threadId,
        this.#entries.map((entry) => ({ ...entry, isHeld: threadId === undefined })),
      );
    this.#set([]);
    // The next thread is not open yet.
    queueMicrotask(() => this.#comeBack());
  }

  #comeBack(): void {
    const { threadId } = this.#conversation.state;
    const entries = this.#left.get(threadId);
    this.#left.delete(threadId);
    if (entries) this.#set(entries.concat(this.#entries));
  }

  #set(entries: Entry[]): void {
    this.#entries = entries;
    this.#conversation.publish({ queuedMessages: entries.map(({ message }) => message) });
  }
}
