import type { AssistantError } from '@use-assistant/protocol';
import { toAssistantError } from './abort.ts';
import type { Conversation } from './conversation.ts';
import { isHistory, mergeHistory, toNewer } from './merge-history.ts';
import { toChatMessage, toDataValues } from './messages.ts';
import { requestJson, toThreadPath } from './requests.ts';
import type { ChatMessage } from './state.ts';
import type { ThreadHistory } from './wire.ts';

/** How much of a thread's history is on the page: the newest part, and those in front of it that were asked for. */
export class HistoryParts {
  readonly #conversation: Conversation;
  #threadId: string | undefined;
  /** The place in front of what is on the page; none at the thread's beginning. */
  #previous: string | null | undefined;
  /** A part in front of the newest is on the page. */
  #hasEarlier = false;
  /** Messages that the server has told of: what it tells of no more is gone, not newer. */
  #told = new Set<string>();
  #loading: AbortController | undefined;
  #error: AssistantError | undefined;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** The thread has been left. What is on the page counts when it is opened again before any other. */
  clear(): void {
    this.#loading?.abort();
    this.#loading = undefined;
    this.#conversation.store.set({ hasPrevious: false, isLoadingPrevious: false });
  }

  /** The list with the newest part as the server tells it; `before` is what stood here when it was asked for, if something was sent since. */
  take(
    history: ThreadHistory,
    before?: readonly ChatMessage[],
  ): { messages: ChatMessage[]; hasPrevious: boolean } {
    const { state, turn } = this.#conversation;
    if (this.#threadId !== state.threadId) {
      this.#hasEarlier = false;
      this.#told.clear();
    }
    this.#threadId = state.threadId;
    const { messages } = history;
    // What stands in front of it stays, unless so much has been said elsewhere that a gap would be between.
    const start = this.#hasEarlier ? state.messages.findIndex(({ id }) => id === messages[0]?.id) : 0;
    this.#hasEarlier = start > 0;
    if (!this.#hasEarlier) this.#previous = history.previous;
    const earlier = this.#hasEarlier ? state.messages.slice(0, start) : [];
    const local = state.messages.slice(earlier.length);
    const answering = turn?.message.id;
    const isNew = (message: ChatMessage) =>
      message.id === answering || !this.#told.has(message.id) || !before?.includes(message);
    const newer = before ? toNewer(local, before, messages, answering).filter(isNew) : [];
    this.#tell(messages);
    return {
      messages: earlier.concat(mergeHistory(messages, local, newer)),
      hasPrevious: Boolean(this.#previous),
    };
  }

  /** Puts the part in front of those that are on the page there too. */
  async loadPrevious(): Promise<void> {
    const conversation = this.#conversation;
    const { threadId, error: shown } = conversation.state;
    const before = this.#previous;
    if (!before || this.#loading || threadId === undefined || threadId !== this.#threadId) return;
    const loading = new AbortController();
    this.#loading = loading;
    if (shown && shown === this.#error)
      conversation.store.set({ error: undefined, ...(!conversation.turn && { status: 'ready' as const }) });
    conversation.publish({ isLoadingPrevious: true });
    try {
      const path = `${toThreadPath(threadId)}?before=${encodeURIComponent(before)}`;
      const { signal } = loading;
      const part = await requestJson<ThreadHistory>(conversation.http, path, isHistory, { signal });
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      // The newest part has come anew meanwhile, and does not join: this one would stand in front of a gap.
      if (before !== this.#previous) return conversation.publish({ isLoadingPrevious: false });
      const { messages } = conversation.state;
      const known = new Set(messages.map(({ id }) => id));
      const earlier = part.messages
        .filter(({ id }) => !known.has(id))
        .map((message) => toChatMessage(message));
      this.#previous = part.previous;
      this.#hasEarlier ||= earlier.length > 0;
      this.#tell(earlier);
      const all = earlier.concat(messages);
      conversation.publish({
        messages: all,
        data: toDataValues(all),
        hasPrevious: Boolean(part.previous),
        isLoadingPrevious: false,
      });
    } catch (cause) {
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      this.#error = toAssistantError(cause);
      conversation.store.set({ isLoadingPrevious: false });
      conversation.report(this.#error);
    }
  }

  #tell(messages: readonly { id: string }[]): void {
    for (const { id } of messages) this.#told.add(id);
  }
}
