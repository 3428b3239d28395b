import type { FinishReason } from 'ai';
import type { AssistantChunk, AssistantMessage, AssistantMetadata } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { mergeMetadata } from './merge.ts';
import { PartList } from './part-list.ts';
import type { Part, TextPart } from './part-list.ts';
import type { RichParts } from './rich-parts.ts';

/** Builds one message from the chunks of a stream. */
export interface Reducer {
  /**
   * Takes the next chunk, at a cost that depends on the chunk alone. An unknown type changes nothing. A chunk that
   * needs another before it (a delta without its start, an output for no call) throws `stream_protocol` and changes nothing.
   */
  apply(chunk: AssistantChunk): void;
  /**
   * The message as it is now, never changed afterwards. The same object as long as nothing has changed; in a new one,
   * parts that have not changed are the same objects.
   */
  message(): AssistantMessage;
  /** What `finish` said. */
  readonly finishReason: FinishReason | undefined;
  /** What `error` said. */
  readonly error: AssistantError | undefined;
}

/**
 * Creates a reducer that makes the message which ai@7 makes of the same chunks, with two things more: unknown types are
 * ignored, and file parts get the name in `providerMetadata.assistant.filename`.
 * Given an assistant message, it goes on from there. A `start` with another id begins a new message.
 *
 * What anything but text needs is handed in, so that a page may load it with the first of that: `getRichParts` is
 * asked when a chunk comes for which `isRichChunk` holds.
 */
export function createLeanReducer(
  message: AssistantMessage | undefined,
  getRichParts: () => typeof RichParts,
): Reducer {
  const initial = message?.role === 'assistant' ? message : undefined;
  let id = message?.id ?? '';
  let metadata: AssistantMetadata | undefined = initial?.metadata;
  let snapshot: AssistantMessage | undefined = initial;
  let finishReason: FinishReason | undefined;
  let error: AssistantError | undefined;
  let parts = new PartList((initial?.parts ?? []) as Part[]);
  let rich: RichParts | undefined;

  function reset(): void {
    parts = new PartList([]);
    rich = metadata = snapshot = finishReason = error = undefined;
  }

  function addMetadata(addition: unknown): void {
    if (addition === undefined || addition === null) return;
    metadata = (metadata === undefined ? addition : mergeMetadata(metadata, addition)) as AssistantMetadata;
    snapshot = undefined;
  }

  function startText(
    type: TextPart['type'],
    chunk: { id: string } & Pick<TextPart, 'providerMetadata'>,
  ): void {
    const part: TextPart = { type, text: '', state: 'streaming' };
    if (type === 'reasoning') part.id = chunk.id;
    if (chunk.providerMetadata) part.providerMetadata = chunk.providerMetadata;
    parts.texts.set(type + chunk.id, parts.add(part));
  }

  function apply(chunk: AssistantChunk): void {
    const { type } = chunk;
    const kind = type.startsWith('text') ? 'text' : 'reasoning';
    switch (type) {
      case 'text-start':
      case 'reasoning-start':
        return startText(kind, chunk);
      case 'text-delta':
      case 'reasoning-delta':
      case 'text-end':
      case 'reasoning-end': {
        const part = parts.writeOpen(kind, chunk.id);
        if (chunk.providerMetadata) part.providerMetadata = chunk.providerMetadata;
        if ('delta' in chunk) {
          part.text += chunk.delta;
          return;
        }
        part.state = 'done';
        if (type === 'text-end' && chunk.citations) part.citations = chunk.citations;
        parts.texts.delete(kind + chunk.id);
        return;
      }
      case 'start-step':
        parts.add({ type: 'step-start' });
        return rich?.startStep();
      case 'start': {
        // Some servers write null where they mean nothing.
        const messageId = chunk.messageId ?? id;
        if (messageId !== id) reset();
        id = messageId;
        return addMetadata(chunk.messageMetadata);
      }
      case 'message-metadata':
        return addMetadata(chunk.messageMetadata);
      case 'finish':
        finishReason = chunk.finishReason ?? finishReason;
        return addMetadata(chunk.messageMetadata);
      case 'error':
        error = new AssistantError(chunk.code ?? 'server_error', chunk.errorText);
        return;
      default:
        if (isRichChunk(chunk)) (rich ??= new (getRichParts())(parts)).apply(chunk);
    }
  }

  return {
    apply,
    message() {
      if (snapshot === undefined || parts.hasChanged) {
        rich?.readInputs();
        const content = {
          id,
          role: 'assistant' as const,
          parts: parts.publish() as AssistantMessage['parts'],
        };
        snapshot = metadata === undefined ? content : { ...content, metadata };
      }
      return snapshot;
    },
    get finishReason() {
      return finishReason;
    },
    get error() {
      return error;
    },
  };
}

/** What a plain answer is made of. */
const plain = /^(?:text-|reasoning-[^f]|start|finish|abort|error|message-)/;

/** Whether the chunk makes anything but text: a file, a source, data, a tool call, or something not known yet. */
export function isRichChunk(chunk: AssistantChunk): boolean {
  return !plain.test(chunk.type) && !(chunk as { transient?: boolean }).transient;
}
