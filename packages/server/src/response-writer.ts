import { encodeChunk, formatCursor, isAfter, streamHeaders } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMetadata, Cursor } from '@use-assistant/protocol';
import { createEventBody } from './event-body.ts';
import type { EventBody, EventBodyOptions } from './event-body.ts';
import type { AssistantsEvent } from './from-assistants.ts';

/** What a response knows of its message before the run tells it. */
export interface ResponseWriterOptions extends EventBodyOptions {
  /** Said by the `start` that is written when something else comes before the run. */
  metadata?: AssistantMetadata;
  /** Everything up to and with this place is left out: the reader has it. */
  after?: Cursor | undefined;
}

/** A message of the assistant that comes in one piece. */
export interface WholeMessage {
  id: string;
  role: 'assistant';
  content: readonly { type: 'text'; text: { value: string } }[];
}

/**
 * Writes the chunks of one response in a legal order: `start` first, the run's end last, whatever is written in between.
 */
export interface ResponseWriter {
  readonly body: EventBody;
  readonly headers: Readonly<Record<string, string>>;
  /** Writes a chunk. */
  write(chunk: AssistantChunk): void;
  /** Writes the chunks that were made from one event; of the n-th event of a run they get their places. */
  writeEvent(chunks: readonly AssistantChunk[]): void;
  writeEvent(chunks: readonly AssistantChunk[], event: AssistantsEvent, runId: string, index: number): void;
  /** Writes a whole message. */
  writeMessage(message: WholeMessage): void;
  /** Writes the end that the run announced, or else `fallback`, then `[DONE]`. */
  end(fallback?: AssistantChunk): void;
}

/** Makes the writer of one response. */
export function createResponseWriter(options: ResponseWriterOptions = {}): ResponseWriter {
  const { metadata, after, ...bodyOptions } = options;
  const body = createEventBody(bodyOptions);
  let isStarted = after !== undefined;
  const images = new Set<unknown>();
  let outcome: { chunk: AssistantChunk; cursor: Cursor | undefined } | undefined;

  function send(chunk: AssistantChunk, cursor: Cursor | undefined): void {
    if (after && cursor?.runId === after.runId && !isAfter(cursor, after)) return;
    body.write(encodeChunk(chunk, cursor && formatCursor(cursor)));
  }

  function write(chunk: AssistantChunk, cursor?: Cursor): void {
    if (body.isClosed || (chunk.type === 'file' && isKnownImage(chunk))) return;
    switch (chunk.type) {
      case 'start':
        // One response is one message, also when it forwards several runs.
        if (isStarted && !after) {
          return send({ type: 'message-metadata', messageMetadata: chunk.messageMetadata ?? {} }, cursor);
        }
        isStarted = true;
        return send(chunk, cursor);
      case 'finish':
      case 'error':
      case 'abort':
        outcome = { chunk, cursor };
        return;
      default:
        if (!isStarted) start();
        return send(chunk, cursor);
    }
  }

  /** One that is attached again gets its new name by its `data-file`, which takes the place of the first; this would not. */
  function isKnownImage({ url, providerMetadata }: Extract<AssistantChunk, { type: 'file' }>): boolean {
    const id = providerMetadata?.['assistant']?.['fileId'] ?? url;
    return images.size === images.add(id).size;
  }

  function start(): void {
    isStarted = true;
    send(
      { type: 'start', messageId: newMessageId(), ...(metadata && { messageMetadata: metadata }) },
      undefined,
    );
  }

  return {
    body,
    headers: streamHeaders,
    write,
    writeEvent(chunks: readonly AssistantChunk[], _event?: AssistantsEvent, runId?: string, index?: number) {
      const isPlaced = runId !== undefined && index !== undefined;
      for (let chunk = 0; chunk < chunks.length; chunk += 1) {
        const made = chunks[chunk]!;
        if (made.type === 'text-delta' && isStarted && !after) {
          body.write(encodeText(made.id, made.delta, isPlaced ? `${runId}:${index}.${chunk}` : undefined));
        } else write(made, isPlaced ? { runId, event: index, chunk } : undefined);
      }
    },
    writeMessage(message) {
      for (const [index, { text }] of message.content.entries()) {
        const id = `${message.id}:${index}`;
        write({ type: 'text-start', id });
        if (text.value !== '') write({ type: 'text-delta', id, delta: text.value });
        write({ type: 'text-end', id });
      }
    },
    end(fallback) {
      const last =
        fallback && (!outcome || fallback.type === 'error')
          ? { chunk: fallback, cursor: undefined }
          : outcome;
      if (!isStarted) start();
      if (last) send(last.chunk, last.cursor);
      body.end();
    },
  };
}

/** The frame that `encodeChunk` writes. Nearly all chunks are text: written by hand they cost a third. */
function encodeText(id: string, delta: string, cursor: string | undefined): string {
  if (cursor !== undefined && !/^[\w:.-]+$/.test(cursor)) {
    return encodeChunk({ type: 'text-delta', id, delta }, cursor);
  }
  const place = cursor === undefined ? '' : `id: ${cursor}\n`;
  return `${place}data: {"type":"text-delta","id":${JSON.stringify(id)},"delta":${JSON.stringify(delta)}}\n\n`;
}

function newMessageId(): string {
  return `msg_${crypto.randomUUID().replaceAll('-', '')}`;
}
