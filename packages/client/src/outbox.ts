import { abortable, createAbortError } from './abort.ts';
import type { Conversation } from './conversation.ts';
import type { RequestOptions } from './http.ts';
import { createUserMessage, toChatMessage, toWireMessage } from './messages.ts';
import type { MessageInput } from './messages.ts';
import type { SendMessageInput } from './options.ts';
import type { ChatMessage, FilePart } from './state.ts';
import type { Turn } from './turn.ts';
import type { TakenFiles } from './uploads.ts';
import type { RunRequest, UploadSource } from './wire.ts';

/** Files that a message waits for. */
export interface Claim {
  /** Waits until they have arrived. Rejects with the first failure. */
  arrive(signal: AbortSignal): Promise<void>;
  /** Takes them out of their queue. */
  take(): TakenFiles;
  /** The message will not be sent. */
  giveUp(): void;
}

/** Where a message's files come from and where it goes back to. */
interface Draft extends Omit<SendMessageInput, 'files'> {
  fileParts?: FilePart[];
  claim?: Claim | Promise<Claim | undefined> | undefined;
  /** The composer's text, to put back when the message is not taken. */
  input?: string;
  run?: boolean | undefined;
}

/** Sends what the user has written: at most one request for each message, and none is lost. */
export class Outbox {
  readonly #conversation: Conversation;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  async sendMessage({ files = [], ...draft }: SendMessageInput, options: RequestOptions): Promise<void> {
    const all = Array.from(files);
    const fileParts = all.filter((file): file is FilePart => 'url' in file);
    const sources = all.filter((file): file is UploadSource => !('url' in file));
    const claim =
      sources.length > 0 ? this.#conversation.uploads.use((uploads) => uploads.claimNew(sources)) : undefined;
    await this.#send({ ...draft, fileParts, claim }, options);
  }

  async append(
    message: string | MessageInput,
    { run, ...options }: RequestOptions & { run?: boolean },
  ): Promise<void> {
    const { id, metadata, parts } = toChatMessage(
      typeof message === 'string' ? { content: message } : message,
    );
    await this.#send({ id, metadata, parts, run }, options);
  }

  async submit(options: RequestOptions): Promise<void> {
    const conversation = this.#conversation;
    const { uploads, state } = conversation;
    const { input } = state;
    const claim = uploads.isAsked ? uploads.use((queue) => queue.claim()) : undefined;
    if (input.trim() === '' && !claim) return;
    conversation.store.set({ input: '' });
    await this.#send({ text: input, input, claim }, options);
  }

  async #send(draft: Draft, options: RequestOptions): Promise<void> {
    const conversation = this.#conversation;
    const { messageId, run, input, fileParts = [] } = draft;
    const turn = conversation.begin();
    const { visit } = conversation;
    const restore = () => {
      // What the user has begun to write meanwhile is not overwritten.
      if (input !== undefined && visit === conversation.visit && conversation.state.input === '')
        conversation.publish({ input });
    };
    let claim: Claim | undefined;
    let taken: TakenFiles | undefined;
    let message: ChatMessage;
    conversation.store.set({ status: 'submitted', error: undefined });
    try {
      if (draft.claim) {
        conversation.store.flush();
        claim = 'then' in draft.claim ? await draft.claim : draft.claim;
        await claim?.arrive(turn.signal);
        if (conversation.turn !== turn) throw createAbortError();
        taken = claim?.take();
      }
      message = createUserMessage({ ...draft, files: fileParts.concat(taken?.parts ?? []) });
      // Nothing is left of it when its files were taken out again.
      if (message.parts.length === 0) return conversation.abandon(turn);
      const { messages } = conversation.state;
      const edited = messages.findIndex(({ id }) => id === messageId);
      conversation.publish({ messages: messages.slice(0, edited < 0 ? undefined : edited).concat(message) });
    } catch (error) {
      conversation.fail(turn, error);
      claim?.giveUp();
      return restore();
    }
    const trigger = run === false ? 'append-message' : 'submit-message';
    await this.post(turn, { message, trigger, messageId }, options);
    const isRefused = turn.hasFailed && !turn.isOpen && visit === conversation.visit;
    if (input === undefined || !isRefused) return taken?.release();
    // The server has not taken it: the message goes back to where it was written.
    taken?.restore();
    conversation.publish({ messages: conversation.state.messages.filter((other) => other !== message) });
    restore();
  }

  /** Asks for an answer and follows it. */
  async post(turn: Turn, { message, ...request }: RunRequest, options: RequestOptions): Promise<void> {
    const conversation = this.#conversation;
    const { signal } = turn;
    await conversation.follow(turn, async () => {
      await abortable(conversation.whenCancelled(), signal);
      const { threadId } = conversation.state;
      turn.isPosted = true;
      turn.threadId = threadId;
      const json = { threadId: threadId ?? null, message: toWireMessage(message), ...request };
      return conversation.http.stream('', { ...options, json, signal });
    });
  }
}
