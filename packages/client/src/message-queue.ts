import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { createUserMessage } from './messages.ts';
import { send } from './outbox.ts';
import type { Draft } from './outbox.ts';
import type { ChatMessage } from './state.ts';
import type { TakenFiles } from './uploads.ts';

interface Entry {
  message: ChatMessage;
  draft: Draft;
  options: RequestOptions | undefined;
  taken: TakenFiles | undefined;
}

/** Messages that wait until the assistant has answered. */
export class MessageQueue {
  readonly #conversation: Conversation;
  #entries: Entry[] = [];
  #controller = new AbortController();

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Puts a message at the end, as soon as its files have arrived. */
  async add(draft: Draft, options: RequestOptions | undefined): Promise<void> {
    const claim = await draft.claim;
    const taken = await claim?.take(this.#controller.signal);
    const message = createUserMessage({ ...draft, files: taken?.parts });
    if (message.parts.length > 0) this.#set([...this.#entries, { message, draft, options, taken }]);
    // The answer may have ended while the files arrived.
    this.next();
  }

  /** Sends the first, if nothing is being answered and no tool is waited for. */
  next(): void {
    const { turn, state } = this.#conversation;
    const [first] = this.#entries;
    const isFree = !turn && state.status === 'ready' && state.run?.status !== 'requires_action';
    if (first && isFree) void this.sendNow(first.message.id);
  }

  /** Sends one out of turn; what is being answered is stopped. */
  async sendNow(id: string): Promise<void> {
    const entry = this.#entries.find(({ message }) => message.id === id);
    if (!entry) return;
    this.remove(id);
    const { draft, message, options, taken } = entry;
    const { parts, metadata } = message;
    await send(
      this.#conversation,
      { id, parts, metadata, run: draft.run, messageId: draft.messageId },
      options,
    );
    taken?.release();
  }

  remove(id: string): void {
    this.#set(this.#entries.filter(({ message }) => message.id !== id));
  }

  /** The thread has been left; its messages go with it. */
  clear(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    for (const { taken } of this.#entries) taken?.release();
    this.#set([]);
  }

  #set(entries: Entry[]): void {
    this.#entries = entries;
    this.#conversation.publish({ queuedMessages: entries.map(({ message }) => message) });
  }
}
