import { AssistantError } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMetadata, RunStatus, RunUsage } from '@use-assistant/protocol';
import type { Citation } from 'ai';
import type {
  Response as OpenAIResponse,
  ResponseOutputItem,
  ResponseOutputMessage,
  ResponseOutputText,
  ResponseStreamEvent,
} from 'openai/resources/responses/responses';
import { pushFileChunks } from './file-parts.ts';
import type { KnownFile } from './file-parts.ts';
import { errorChunk, genericErrorText } from './from-assistants.ts';
import type { AssistantsTranslatorOptions } from './from-assistants.ts';
import { createResponseCalls } from './response-calls.ts';
import { createTextBlocks, shown } from './text-blocks.ts';
import type { CitationsOf, TextBlocks } from './text-blocks.ts';

export type { OpenAIResponse, ResponseStreamEvent };

/** Translates the events of one response of the Responses API, in order. */
export interface ResponsesTranslator {
  /** The container that must be searched for files before this event is translated. */
  containerId(event: ResponseStreamEvent): string | undefined;
  translate(event: ResponseStreamEvent, files?: readonly KnownFile[]): AssistantChunk[];
  /** The response as its last event told it. */
  readonly response: OpenAIResponse | undefined;
}

/** Makes the translator from Responses events to UI message stream v1 for one response. */
export function createResponsesTranslator(options: AssistantsTranslatorOptions = {}): ResponsesTranslator {
  const { rewriteLinks = true, errorText = genericErrorText } = options;
  const calls = createResponseCalls(options.isClientTool ?? (() => false));
  const texts = new Map<string, TextBlocks>();
  const urls = new Map<string, string>();
  const waiting: KnownFile[] = [];
  const thoughts = new Map<string, { isEnded: boolean; hasText: boolean }>();
  let response: OpenAIResponse | undefined;
  let isStarted = false;

  const resolveLink = (name: string): string | undefined =>
    urls.get(name) ??
    urls.get(name.slice(name.lastIndexOf('/') + 1)) ??
    options.sandboxUrl?.(name, threadIdOf(response));

  function textsOf(itemId: string): TextBlocks {
    let found = texts.get(itemId);
    if (!found) {
      found = createTextBlocks({ messageId: itemId, resolveLink, rewriteLinks });
      texts.set(itemId, found);
    }
    return found;
  }

  function think(id: string, delta: string, chunks: AssistantChunk[]): void {
    if (delta === '') return;
    if (!thoughts.has(id)) {
      thoughts.set(id, { isEnded: false, hasText: true });
      chunks.push({ type: 'reasoning-start', id });
    }
    if (!thoughts.get(id)!.isEnded) chunks.push({ type: 'reasoning-delta', id, delta });
  }

  function endThought(id: string, text: string, chunks: AssistantChunk[]): void {
    if (!thoughts.has(id)) think(id, text, chunks);
    const thought = thoughts.get(id);
    if (!thought || thought.isEnded) return;
    thought.isEnded = true;
    chunks.push({ type: 'reasoning-end', id });
  }

  function endItem(item: ResponseOutputItem, chunks: AssistantChunk[]): void {
    if (item.type === 'message') return endMessage(item as ResponseOutputMessage, chunks);
    if (item.type !== 'reasoning') return calls.end(item, chunks);
    for (const [index, { text }] of item.summary.entries()) endThought(`${item.id}:${index}`, text, chunks);
    for (const [index, { text }] of (item.content ?? []).entries()) {
      endThought(`${item.id}:text:${index}`, text, chunks);
    }
  }

  function endMessage(message: ResponseOutputMessage, chunks: AssistantChunk[]): void {
    const blocks = textsOf(message.id);
    for (const [index, part] of message.content.entries()) {
      const isRefusal = part.type === 'refusal';
      blocks.complete(index, isRefusal ? part.refusal : part.text, isRefusal, chunks);
    }
    blocks.end(citationsOf(message), chunks);
    showFiles(chunks);
  }

  function showFiles(chunks: AssistantChunk[]): void {
    for (const file of waiting.splice(0)) pushFileChunks(file, chunks);
  }

  function onResponse(next: OpenAIResponse, chunks: AssistantChunk[]): void {
    const before = response?.status;
    response = next;
    if (!isStarted) {
      isStarted = true;
      chunks.push({ type: 'start', messageId: next.id, messageMetadata: startOf(next, options) });
    }
    const status = next.status as RunStatus | undefined;
    if (status === undefined || status === before) return;
    const data = { threadId: threadIdOf(next), runId: next.id, status };
    chunks.push({ type: 'data-status', transient: true, data });
  }

  function onEnd(ended: OpenAIResponse, chunks: AssistantChunk[]): void {
    for (const item of ended.output) endItem(item, chunks);
    for (const blocks of texts.values()) blocks.end(undefined, chunks);
    for (const id of thoughts.keys()) endThought(id, '', chunks);
    calls.endAll(chunks);
    showFiles(chunks);
    const messageMetadata = endOf(ended);
    if (ended.status === 'completed') {
      const isWaiting = ended.output.some(({ type }) => type === 'function_call');
      chunks.push({ type: 'finish', finishReason: isWaiting ? 'tool-calls' : 'stop', messageMetadata });
      return;
    }
    chunks.push({ type: 'message-metadata', messageMetadata });
    if (ended.status === 'cancelled') {
      chunks.push({ type: 'abort', reason: 'run_cancelled' });
      return;
    }
    const code = ended.status === 'incomplete' ? 'run_incomplete' : 'run_failed';
    const reason =
      ended.error?.message ?? ended.incomplete_details?.reason ?? `The response is ${ended.status}.`;
    const error = new AssistantError(code, reason, { cause: ended.error ?? ended.incomplete_details });
    chunks.push(errorChunk(code, errorText(error)));
  }

  return {
    get response() {
      return response;
    },
    containerId(event) {
      if (event.type !== 'response.output_item.done') return undefined;
      return event.item.type === 'code_interpreter_call' ? event.item.container_id : undefined;
    },
    translate(event, files = []) {
      const chunks: AssistantChunk[] = [];
      for (const file of files) {
        urls.set(file.name, file.url);
        waiting.push(file);
      }
      switch (event.type) {
        case 'response.output_text.delta':
          textsOf(event.item_id).push(event.content_index, event.delta, false, chunks);
          break;
        case 'response.refusal.delta':
          textsOf(event.item_id).push(event.content_index, event.delta, true, chunks);
          break;
        case 'response.reasoning_summary_text.delta':
          think(`${event.item_id}:${event.summary_index}`, event.delta, chunks);
          break;
        case 'response.reasoning_summary_text.done':
          endThought(`${event.item_id}:${event.summary_index}`, event.text, chunks);
          break;
        case 'response.reasoning_text.delta':
          think(`${event.item_id}:text:${event.content_index}`, event.delta, chunks);
          break;
        case 'response.reasoning_text.done':
          endThought(`${event.item_id}:text:${event.content_index}`, event.text, chunks);
          break;
        case 'response.code_interpreter_call_code.delta':
        case 'response.function_call_arguments.delta':
        case 'response.mcp_call_arguments.delta':
        case 'response.custom_tool_call_input.delta':
          calls.addInput(event.item_id, event.delta, chunks);
          break;
        case 'response.code_interpreter_call_code.done':
          calls.endInput(event.item_id, event.code, chunks);
          break;
        case 'response.function_call_arguments.done':
        case 'response.mcp_call_arguments.done':
          calls.endInput(event.item_id, event.arguments, chunks);
          break;
        case 'response.custom_tool_call_input.done':
          calls.endInput(event.item_id, event.input, chunks);
          break;
        case 'response.image_generation_call.partial_image':
          calls.addImage(event.item_id, event.partial_image_b64, chunks);
          break;
        case 'response.output_item.added':
          calls.begin(event.item, chunks);
          break;
        case 'response.output_item.done':
          endItem(event.item, chunks);
          break;
        case 'response.created':
        case 'response.queued':
        case 'response.in_progress':
          onResponse(event.response, chunks);
          break;
        case 'response.completed':
        case 'response.failed':
        case 'response.incomplete':
          onResponse(event.response, chunks);
          onEnd(event.response, chunks);
          break;
        default:
          break;
      }
      return chunks;
    },
  };
}

/** Whether a response is over. */
export function isResponseOver({ status }: Pick<OpenAIResponse, 'status'>): boolean {
  return status !== undefined && status !== 'queued' && status !== 'in_progress';
}

function threadIdOf(response: OpenAIResponse | undefined): string {
  return response?.conversation?.id ?? '';
}

function startOf(response: OpenAIResponse, options: AssistantsTranslatorOptions): AssistantMetadata {
  const threadId = threadIdOf(response);
  const { userMessageId } = options;
  return {
    ...(threadId !== '' && { threadId }),
    runId: response.id,
    ...(userMessageId !== undefined && { userMessageId }),
    createdAt: response.created_at * 1000,
  };
}

function endOf({ status, usage }: OpenAIResponse): AssistantMetadata {
  const counts: RunUsage | undefined = usage && {
    prompt_tokens: usage.input_tokens,
    completion_tokens: usage.output_tokens,
    total_tokens: usage.total_tokens,
  };
  return { runStatus: (status ?? 'completed') as RunStatus, ...(counts && { usage: counts }) };
}

function citationsOf(message: ResponseOutputMessage): CitationsOf {
  return (index, edits) => {
    const part = message.content[index];
    if (part?.type !== 'output_text') return [];
    return part.annotations.flatMap((annotation) => toCitation(annotation, (place) => shown(place, edits)));
  };
}

function toCitation(
  annotation: ResponseOutputText['annotations'][number],
  place: (index: number) => number,
): Citation[] {
  if (annotation.type === 'url_citation') {
    const { url, title } = annotation;
    const source = { type: 'source' as const, sourceType: 'url' as const, id: url, url, title };
    return [{ source, startIndex: place(annotation.start_index), endIndex: place(annotation.end_index) }];
  }
  if (annotation.type !== 'file_citation') return [];
  const { file_id: id, filename } = annotation;
  const mediaType = 'application/octet-stream';
  return [{ source: { type: 'source', sourceType: 'document', id, mediaType, title: filename, filename } }];
}
