import type { FinishReason } from 'ai';
import type { AssistantChunk, AssistantErrorChunk, AssistantMessage, AssistantMetadata } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { mergeMetadata } from './merge.ts';
import { PartList } from './part-list.ts';
import type { Part, TextPart } from './part-list.ts';
import { isRecord } from './shape.ts';
import { ToolParts } from './tool-parts.ts';

/** Where a stream stands: no chunk yet, on its way, or how it ended. */
export type ReducerStatus = 'idle' | 'streaming' | 'finished' | 'failed' | 'aborted';

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
  readonly status: ReducerStatus;
  /** What `finish` said. */
  readonly finishReason: FinishReason | undefined;
  /** What `error` said. */
  readonly error: AssistantError | undefined;
}

/**
 * Creates a reducer that makes the message which ai@7 makes of the same chunks, with two things more: unknown types are
 * ignored, and file parts get the name in `providerMetadata.assistant.filename`.
 * Given an assistant message, it goes on from there. A `start` with another id begins a new message.
 */
export function createReducer(message?: AssistantMessage): Reducer {
  const initial = message?.role === 'assistant' ? message : undefined;
  let id = message?.id ?? '';
  let metadata: AssistantMetadata | undefined = initial?.metadata;
  let snapshot: AssistantMessage | undefined = initial;
  let status: ReducerStatus = 'idle';
  let finishReason: FinishReason | undefined;
  let error: AssistantError | undefined;
  let parts = new PartList((initial?.parts ?? []) as Part[]);
  let tools = new ToolParts(parts);

  function reset(): void {
    parts = new PartList([]);
    tools = new ToolParts(parts);
    metadata = undefined;
    snapshot = undefined;
    status = 'streaming';
    finishReason = undefined;
    error = undefined;
  }

  function addMetadata(addition: unknown): void {
    if (addition === undefined || addition === null) return;
    metadata = (metadata === undefined ? addition : mergeMetadata(metadata, addition)) as AssistantMetadata;
    snapshot = undefined;
  }

  function apply(chunk: AssistantChunk): void {
    if (status === 'idle') status = 'streaming';
    switch (chunk.type) {
      case 'text-delta':
      case 'reasoning-delta': {
        const part = parts.writeOpen(kindOf(chunk.type), chunk.id, chunk.type);
        part.text += chunk.delta;
        if (chunk.providerMetadata) part.providerMetadata = chunk.providerMetadata;
        return;
      }
      case 'text-start':
        parts.open('text', chunk.id, toTextPart('text', undefined, chunk.providerMetadata));
        return;
      case 'reasoning-start':
        parts.open('reasoning', chunk.id, toTextPart('reasoning', chunk.id, chunk.providerMetadata));
        return;
      case 'text-end':
      case 'reasoning-end': {
        const part = parts.writeOpen(kindOf(chunk.type), chunk.id, chunk.type);
        part.state = 'done';
        if (chunk.type === 'text-end' && chunk.citations) part.citations = chunk.citations;
        if (chunk.providerMetadata) part.providerMetadata = chunk.providerMetadata;
        parts.close(kindOf(chunk.type), chunk.id);
        return;
      }
      case 'tool-input-delta':
        tools.appendInput(chunk.toolCallId, chunk.inputTextDelta);
        return;
      case 'tool-input-start':
        tools.startInput(chunk);
        return;
      case 'tool-input-available':
        tools.setInput(chunk);
        return;
      case 'tool-input-error':
        tools.setInputError(chunk);
        return;
      case 'tool-approval-request':
        tools.requestApproval(chunk);
        return;
      case 'tool-approval-response':
        tools.answerApproval(chunk);
        return;
      case 'tool-output-available':
        tools.setOutput(chunk);
        return;
      case 'tool-output-error':
        tools.setOutputError(chunk);
        return;
      case 'tool-output-denied':
        tools.deny(chunk);
        return;
      case 'file':
      case 'reasoning-file': {
        const filename = chunk.type === 'file' ? filenameOf(chunk.providerMetadata) : undefined;
        parts.add({
          ...pick(chunk, ['type', 'mediaType', 'url', 'providerMetadata']),
          ...(filename && { filename }),
        });
        return;
      }
      case 'source-url':
        parts.add(pick(chunk, ['type', 'sourceId', 'url', 'title', 'providerMetadata']));
        return;
      case 'source-document':
        parts.add(pick(chunk, ['type', 'sourceId', 'mediaType', 'title', 'filename', 'providerMetadata']));
        return;
      case 'custom':
        parts.add(pick(chunk, ['type', 'kind', 'providerMetadata']));
        return;
      case 'steering-message':
        parts.add(pick(chunk, ['type', 'id', 'parts']));
        return;
      case 'start-step':
        parts.startStep();
        tools.startStep();
        return;
      case 'reset-step':
        parts.resetStep();
        tools.reindex();
        return;
      case 'start':
        if (chunk.messageId !== undefined && chunk.messageId !== null && chunk.messageId !== id) {
          reset();
          id = chunk.messageId;
        }
        addMetadata(chunk.messageMetadata);
        return;
      case 'message-metadata':
        addMetadata(chunk.messageMetadata);
        return;
      case 'finish':
        status = 'finished';
        finishReason = chunk.finishReason ?? finishReason;
        addMetadata(chunk.messageMetadata);
        return;
      case 'abort':
        status = 'aborted';
        return;
      case 'error':
        status = 'failed';
        error = toError(chunk);
        return;
      case 'finish-step':
        return;
      default:
        if (chunk.type.startsWith('data-') && !chunk.transient) parts.putData(chunk);
    }
  }

  return {
    apply,
    message() {
      if (snapshot === undefined || parts.hasChanged) {
        tools.readInputs();
        const content = {
          id,
          role: 'assistant' as const,
          parts: parts.publish() as AssistantMessage['parts'],
        };
        snapshot = metadata === undefined ? content : { ...content, metadata };
      }
      return snapshot;
    },
    get status() {
      return status;
    },
    get finishReason() {
      return finishReason;
    },
    get error() {
      return error;
    },
  };
}

function kindOf(type: `${TextPart['type']}-${string}`): TextPart['type'] {
  return type.startsWith('text') ? 'text' : 'reasoning';
}

function toTextPart(
  type: TextPart['type'],
  id: string | undefined,
  providerMetadata: TextPart['providerMetadata'],
): TextPart {
  const part: TextPart = { type, text: '', state: 'streaming' };
  if (id !== undefined) part.id = id;
  if (providerMetadata) part.providerMetadata = providerMetadata;
  return part;
}

/** Copies the named fields that are there: a chunk may bring more than belongs into a message. */
function pick<Chunk extends { type: string }>(chunk: Chunk, fields: (keyof Chunk & string)[]): Part {
  const part: Part = { type: chunk.type };
  for (const field of fields)
    if (chunk[field] !== undefined && chunk[field] !== null) part[field] = chunk[field];
  return part;
}

function filenameOf(providerMetadata: unknown): string | undefined {
  const ours = isRecord(providerMetadata) ? providerMetadata['assistant'] : undefined;
  const filename = isRecord(ours) ? ours['filename'] : undefined;
  return typeof filename === 'string' ? filename : undefined;
}

function toError(chunk: AssistantErrorChunk): AssistantError {
  return new AssistantError(chunk.code ?? 'server_error', chunk.errorText);
}
