import type { AssistantChunk, AssistantMetadata } from '@use-assistant/protocol';
import { createEventBody } from './event-body.ts';
import type { AssistantsEvent } from './from-assistants.ts';
import type { ResponseWriter, ResponseWriterOptions } from './response-writer.ts';

/** The headers of a v4 response: the removed helper's one, and those without which proxies hold a stream back. */
export const v4Headers = {
  'content-type': 'text/plain; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

/** What the removed hook does not know reaches it as data messages: the chunks of v1, as they are. */
const carried: ReadonlySet<string> = new Set([
  'data-file',
  'data-value',
  'data-annotation',
  'data-status',
  'tool-input-available',
  'tool-output-available',
  'tool-output-error',
  'tool-output-denied',
  'tool-approval-request',
  'tool-approval-response',
]);

/** The line of an error. */
export function v4Error(message: string): string {
  return toLine(3, message);
}

function toLine(code: 0 | 3 | 4 | 5 | 6, value: unknown): string {
  return `${code}:${JSON.stringify(value)}\n`;
}

/**
 * Writes the wire of ai@4's `AssistantResponse`, byte for byte where that had something to say, so that its `useAssistant`
 * works unchanged. Its hook writes text into whatever message is last: while an assistant's message is open, nothing of
 * ours may come between its pieces, and waits.
 */
export function createV4Writer(options: Omit<ResponseWriterOptions, 'after'> = {}): ResponseWriter {
  const { metadata, ...bodyOptions } = options;
  // Readers skip empty lines.
  const body = createEventBody({ ...bodyOptions, lastFrame: '', keepAliveFrame: '\n' });
  let { threadId, userMessageId } = metadata ?? {};
  let isIntroduced = false;
  let messageId: string | undefined;
  let isMessageOpen = false;
  let hasText = false;
  let held: AssistantChunk[] = [];
  let outcome: AssistantChunk | undefined;

  const line = (...given: Parameters<typeof toLine>): void => body.write(toLine(...given));

  function introduce(learned: AssistantMetadata = {}): void {
    threadId ??= learned.threadId;
    userMessageId ??= learned.userMessageId;
    if (isIntroduced || threadId === undefined || userMessageId === undefined) return;
    isIntroduced = true;
    line(5, { threadId, messageId: userMessageId });
  }

  function openMessage(id: string): void {
    if (messageId === id) return;
    closeMessage();
    messageId = id;
    isMessageOpen = true;
    hasText = false;
    line(4, { id, role: 'assistant', content: [{ type: 'text', text: { value: '' } }] });
  }

  function closeMessage(): void {
    isMessageOpen = false;
    for (const chunk of held) carry(chunk);
    held = [];
  }

  const carry = (chunk: AssistantChunk): void => line(6, { role: 'data', data: chunk });

  function write(chunk: AssistantChunk): void {
    if (body.isClosed) return;
    switch (chunk.type) {
      case 'start':
        return introduce(chunk.messageMetadata);
      case 'text-start':
        openMessage(chunk.id.slice(0, chunk.id.lastIndexOf(':')));
        // Two texts of one message are one text here.
        if (hasText) line(0, '\n\n');
        return;
      case 'text-delta':
        hasText = true;
        return line(0, chunk.delta);
      case 'data-message':
        return line(6, chunk.data);
      case 'finish':
      case 'error':
      case 'abort':
        outcome = chunk;
        return;
      default: {
        const isCarried = chunk.type === 'text-end' ? chunk.citations !== undefined : carried.has(chunk.type);
        if (!isCarried || ('preliminary' in chunk && chunk.preliminary)) return;
        if (isMessageOpen) held.push(chunk);
        else carry(chunk);
      }
    }
  }

  introduce();
  return {
    body,
    headers: v4Headers,
    write,
    writeEvent(chunks: readonly AssistantChunk[], event?: AssistantsEvent) {
      if (event?.event === 'thread.message.created') openMessage((event.data as { id: string }).id);
      if (event && isEmptyText(event)) line(0, '');
      // The statuses of every run would be so many rows on an old page.
      for (const chunk of chunks) if (chunk.type !== 'data-status') write(chunk);
      if (event?.event === 'thread.message.completed' || event?.event === 'thread.message.incomplete') {
        closeMessage();
      }
    },
    writeMessage(message) {
      if (body.isClosed) return;
      closeMessage();
      messageId = message.id;
      hasText = true;
      // A message without content takes the page of the removed hook down.
      const content = message.content.length > 0 ? message.content : [{ type: 'text', text: { value: '' } }];
      line(4, { ...message, content });
    },
    end(fallback) {
      closeMessage();
      // A run that names no message of the user must still tell the page its thread.
      introduce({ userMessageId: crypto.randomUUID() });
      const last = fallback?.type === 'error' ? fallback : (outcome ?? fallback);
      if (last?.type === 'error') line(3, last.errorText);
      else if (last?.type === 'abort' && last.reason !== undefined) carry(last);
      body.end();
    },
  };
}

/** The removed helper wrote empty pieces too. */
function isEmptyText({ event, data }: AssistantsEvent): boolean {
  if (event !== 'thread.message.delta') return false;
  const { delta } = data as { delta: { content?: { type: string; text?: { value?: string } }[] } };
  return delta.content?.[0]?.type === 'text' && delta.content[0].text?.value === '';
}
