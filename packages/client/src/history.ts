import type { AssistantMessage } from '@use-assistant/protocol';
import type { Conversation } from './conversation.ts';
import { toChatMessage, toDataValues } from './messages.ts';
import { fromRunSummary, isActiveRun } from './run-state.ts';
import type { ChatMessage } from './state.ts';
import type { AssistantTransport, RequestOptions } from './transport.ts';

/** Brings what the server has of the thread onto the page. */
export class History {
  readonly #conversation: Conversation;
  readonly #transport: AssistantTransport;
  #loading: AbortController | undefined;

  constructor(conversation: Conversation, transport: AssistantTransport) {
    this.#conversation = conversation;
    this.#transport = transport;
  }

  get isLoading(): boolean {
    return this.#loading !== undefined;
  }

  abort(): void {
    this.#loading?.abort();
    this.#loading = undefined;
  }

  /** Loads the messages, and follows the run if one is active and `follows` is not false. */
  async load({ follows = true } = {}): Promise<void> {
    const conversation = this.#conversation;
    const { threadId } = conversation.state;
    this.abort();
    if (threadId === undefined) return;
    const loading = new AbortController();
    const { turns } = conversation;
    this.#loading = loading;
    conversation.publish({ isLoadingHistory: true });
    try {
      const { messages, run } = await this.#transport.getThread(threadId, { signal: loading.signal });
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      const { turn } = conversation;
      const local = conversation.state.messages;
      const hasSent = turn !== undefined || turns !== conversation.turns;
      const merged = mergeHistory(messages, local, hasSent ? toNewer(local, messages, turn?.message.id) : []);
      const last = merged.findLast(({ role }) => role === 'assistant');
      conversation.publish({
        messages: merged,
        data: toDataValues(merged),
        isLoadingHistory: false,
        ...(!hasSent && { run: fromRunSummary(run, last) }),
      });
      if (follows && !hasSent && isActiveRun(run)) await this.resume({}, true);
    } catch (error) {
      if (this.#loading !== loading) return;
      this.#loading = undefined;
      conversation.store.set({ isLoadingHistory: false });
      conversation.report(error);
    }
  }

  /** Follows the thread's active run, if there is one, from its start. When one is expected and gone, it has just ended. */
  async resume(options: RequestOptions = {}, isExpected = false): Promise<void> {
    const conversation = this.#conversation;
    const { threadId } = conversation.state;
    if (threadId === undefined || conversation.turn) return;
    const turn = conversation.begin();
    turn.isPosted = true;
    turn.isExpected = isExpected;
    await conversation.follow(turn, async () => {
      const body = await this.#transport.resume({ threadId }, { ...options, signal: turn.signal });
      if (body && conversation.turn === turn) conversation.publish({ status: 'submitted', error: undefined });
      return body;
    });
  }
}

/** What stands on the page and is newer than the history: it was sent while that was on its way. */
function toNewer(
  local: readonly ChatMessage[],
  history: readonly AssistantMessage[],
  answering: string | undefined,
): ChatMessage[] {
  const known = new Set(history.map(({ id }) => id));
  return local.filter(({ id }) => !known.has(id) || id === answering);
}

/**
 * The history as the server tells it, with the objects that are already on the page where nothing has changed.
 * `kept` are local messages that the history may not know yet; they stand after it.
 */
export function mergeHistory(
  history: readonly AssistantMessage[],
  local: readonly ChatMessage[],
  kept: readonly ChatMessage[],
): ChatMessage[] {
  const byId = new Map(local.map((message) => [message.id, message]));
  const keptIds = new Set(kept.map(({ id }) => id));
  const merged = history
    .filter(({ id }) => !keptIds.has(id))
    .map((message) => {
      const known = byId.get(message.id);
      return known && isSame(known, message) ? known : toChatMessage(message);
    });
  return merged.concat(kept);
}

function isSame(a: AssistantMessage, b: AssistantMessage): boolean {
  return a.role === b.role && JSON.stringify([a.parts, a.metadata]) === JSON.stringify([b.parts, b.metadata]);
}
