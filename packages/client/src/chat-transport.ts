import type { AssistantChunk } from '@use-assistant/protocol';
import { readStream } from '@use-assistant/protocol';
import type { ChatTransport, UIMessage, UIMessageChunk } from 'ai';
import { createHttp } from './http.ts';
import type { HttpOptions, HttpRequest } from './http.ts';
import { toThreadPath } from './requests.ts';

export interface AssistantChatTransportOptions extends HttpOptions {
  /** The thread to go on with; without one, the first message makes it. */
  threadId?: string | undefined;
  /** The server has made a thread, or gone on in another one. */
  onThreadIdChange?: ((threadId: string) => void) | undefined;
}

/**
 * Brings our route's threads to plain `useChat`: only the new message travels, and the thread is kept between messages.
 *
 *     useChat({ transport: new AssistantChatTransport({ api: '/api/assistant' }) })
 */
export class AssistantChatTransport<Message extends UIMessage = UIMessage> implements ChatTransport<Message> {
  readonly #options: AssistantChatTransportOptions;
  #threadId: string | undefined;

  constructor(options: AssistantChatTransportOptions = {}) {
    this.#options = options;
    this.#threadId = options.threadId;
  }

  /** The thread that the next message goes into. */
  get threadId(): string | undefined {
    return this.#threadId;
  }

  /** Opens another thread, or with undefined a new one. The messages on the page are for `setMessages` to change. */
  setThreadId(threadId: string | undefined): void {
    this.#threadId = threadId;
  }

  async sendMessages({
    trigger,
    messageId,
    messages,
    abortSignal,
    headers,
    body,
  }: Parameters<ChatTransport<Message>['sendMessages']>[0]): Promise<ReadableStream<UIMessageChunk>> {
    const last = messages.at(-1);
    const threadId = this.#threadId ?? null;
    // The route takes a user's message, or what useChat has put into the assistant's: outputs and approvals of tools.
    const message = trigger === 'submit-message' ? { message: last } : { message: lastOfUser(messages) };
    const json =
      last?.role === 'assistant' && trigger === 'submit-message'
        ? { id: threadId ?? undefined, messages: [last], trigger }
        : { threadId, ...message, trigger, messageId };
    const stream = await this.#open('', { json, signal: abortSignal, headers, body });
    return stream ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  async reconnectToStream({
    headers,
    body,
  }: Parameters<
    ChatTransport<Message>['reconnectToStream']
  >[0]): Promise<ReadableStream<UIMessageChunk> | null> {
    if (this.#threadId === undefined) return null;
    return this.#open(toThreadPath(this.#threadId, '/stream'), { headers, body });
  }

  async #open(
    path: string,
    {
      headers,
      body,
      ...request
    }: Omit<HttpRequest, 'headers' | 'body'> & { headers?: unknown; body?: unknown },
  ): Promise<ReadableStream<UIMessageChunk> | null> {
    const bytes = await createHttp(() => this.#options).stream(path, {
      ...request,
      headers: new Headers(headers as HeadersInit | undefined),
      ...(typeof body === 'object' && body !== null && { body }),
    });
    return bytes && this.#toChunks(bytes);
  }

  #toChunks(bytes: ReadableStream<Uint8Array>): ReadableStream<UIMessageChunk> {
    const reading = new AbortController();
    let wake = () => {};
    return new ReadableStream<UIMessageChunk>(
      {
        start: (controller) => {
          readStream(bytes, {
            signal: reading.signal,
            onFrame: ({ chunk }) => {
              this.#learn(chunk);
              controller.enqueue(chunk as UIMessageChunk);
              if ((controller.desiredSize ?? 0) <= 0) return new Promise<void>((resolve) => (wake = resolve));
            },
          }).then(
            () => controller.close(),
            (error: unknown) => {
              if (!reading.signal.aborted) controller.error(error);
            },
          );
        },
        pull: () => wake(),
        cancel: () => {
          reading.abort();
          wake();
        },
      },
      { highWaterMark: 16 },
    );
  }

  #learn(chunk: AssistantChunk): void {
    if (chunk.type !== 'start' && chunk.type !== 'message-metadata') return;
    const threadId = chunk.messageMetadata?.threadId;
    if (typeof threadId !== 'string' || threadId === this.#threadId) return;
    this.#threadId = threadId;
    this.#options.onThreadIdChange?.(threadId);
  }
}

function lastOfUser<Message extends UIMessage>(messages: readonly Message[]): Message | undefined {
  return messages.findLast(({ role }) => role === 'user');
}
