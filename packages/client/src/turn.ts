import { createLeanReducer, isRichChunk } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage, Reducer } from '@use-assistant/protocol';
import type { RichParts } from '@use-assistant/protocol/rich-parts';
import { withRichParts } from './lazy.ts';
import { createId, toChatMessage } from './messages.ts';
import type { ChatMessage } from './state.ts';

/** Text of which there is something to see; of what is rich there always is. */
const shown = /^(?:text|reasoning)-[de]/;

/** One answer of the assistant on its way into the list: from the request to the run's end. */
export class Turn {
  /** The request has left, or is about to. */
  isPosted = false;
  /** The server has begun to answer: from here on the message is its, not ours to take back. */
  isOpen = false;
  /** The message stands in the list. */
  isVisible = false;
  /** The user has stopped it; only the name of its run is still waited for. */
  isStopping = false;
  hasFailed = false;
  /** A run was there a moment ago: should it be gone, the history is out of date. */
  isExpected = false;
  threadId: string | undefined;
  /** When the server has last been heard of, in milliseconds since the epoch. */
  heard = 0;
  lastEventId: string | undefined;
  /** Connections in a row that have brought no event that was not seen before. */
  fruitless = 0;
  /** Settles when the server has begun to answer, or never will. */
  readonly opening: Promise<void>;
  readonly #controller = new AbortController();
  readonly signal: AbortSignal = this.#controller.signal;
  #connection: AbortController | undefined;
  #open!: () => void;
  reducer: Reducer;
  #isHidden = false;
  #shown: { from: AssistantMessage; message: ChatMessage } | undefined;

  /** Goes on with `message`, or begins a new one. */
  constructor(threadId: string | undefined, message?: AssistantMessage) {
    this.threadId = threadId;
    this.reducer = createReducer(message);
    this.isVisible = message !== undefined;
    this.opening = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  /** Ends everything that is on its way for the turn. */
  abort(): void {
    this.#controller.abort();
    this.#connection?.abort();
  }

  /** Begins a connection, which can end without the turn. */
  connect(): AbortController {
    this.heard = Date.now();
    this.#connection = new AbortController();
    if (this.signal.aborted) this.#connection.abort();
    return this.#connection;
  }

  /** Says that the server has begun to answer, or with `false` that it never will. */
  open(isOpen = true): void {
    this.isOpen ||= isOpen;
    this.#open();
  }

  /** Takes a chunk; true when the message has just become visible. */
  apply(chunk: AssistantChunk): boolean {
    this.reducer.apply(chunk);
    if (this.isVisible || this.#isHidden || !(shown.test(chunk.type) || isRichChunk(chunk))) return false;
    this.isVisible = true;
    return true;
  }

  /** Keeps the message out of the list from now on. */
  hide(): void {
    this.isVisible = false;
    this.#isHidden = true;
  }

  /** The message as it is now; the same object until it changes. */
  get message(): ChatMessage {
    const from = this.reducer.message();
    if (this.#shown?.from !== from) this.#shown = { from, message: toChatMessage(from) };
    return this.#shown.message;
  }
}

function createReducer(
  // A stream that names no message still needs an id that stays; `start` replaces it.
  message: AssistantMessage = { id: createId(), role: 'assistant', parts: [] },
): Reducer {
  // What anything but text needs has been loaded before the first chunk of that is applied.
  return createLeanReducer(message, () => withRichParts(({ RichParts }) => RichParts) as typeof RichParts);
}
