import { AssistantError } from '@use-assistant/protocol';
import type {
  AssistantChunk,
  AssistantErrorCode,
  AssistantMetadata,
  RunStatus,
  RunUsage,
} from '@use-assistant/protocol';
import type { AssistantStreamEvent } from 'openai/resources/beta/assistants';
import type { Message, MessageContentDelta } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { RunStep } from 'openai/resources/beta/threads/runs/steps';
import { pushFileChunks } from './file-parts.ts';
import type { KnownFile, KnownFiles } from './file-parts.ts';
import { publicText } from './public-errors.ts';
import { addMessageFileIds, addStepFileIds, citedFileIds, messageDeltaFiles } from './event-files.ts';
import { citationsOfMessage, createTextBlocks } from './text-blocks.ts';
import type { TextBlocks } from './text-blocks.ts';
import { createToolParts } from './tool-parts.ts';

/** An event of an Assistants v2 stream, as the `openai` SDK yields it. */
export interface AssistantsEvent {
  event: string;
  data: unknown;
}

/** What the translation depends on beside the events. */
export interface AssistantsTranslatorOptions {
  /** The id of the user's message, when the run's metadata does not carry it. */
  userMessageId?: string | undefined;
  /** Whether the browser answers calls of this function. @default never */
  isClientTool?: ((name: string) => boolean) | undefined;
  /** The sentence for the browser when the run ends badly. @default a generic one for each code */
  errorText?: ((error: AssistantError) => string) | undefined;
  /** Where a file can be had of which only the name in the sandbox is known. */
  sandboxUrl?: ((name: string, threadId: string) => string | undefined) | undefined;
  /** Whether links into the sandbox can be replaced; pieces of text that may be one are held back. @default true */
  rewriteLinks?: boolean | undefined;
}

/**
 * Translates the events of one run, in order. Pure: the n-th event gives the same chunks in every replay, so a cursor
 * `run:event.chunk` names one chunk for ever.
 */
export interface AssistantsTranslator {
  /** The engine's ids of the files that `translate` must know to translate this event. */
  fileIds(event: AssistantsEvent): readonly string[];
  /** `asks` are the calls of a waiting run that a person must allow. */
  translate(event: AssistantsEvent, files?: KnownFiles, asks?: ReadonlySet<string>): AssistantChunk[];
  /** The run as its last event told it. */
  readonly run: Run | undefined;
}

/** The metadata key under which a run keeps the id of the message that it answers. */
export const userMessageIdKey = 'user_message_id';

const noFiles: KnownFiles = new Map();
const noIds: readonly string[] = [];
const noCalls: ReadonlySet<string> = new Set();

/** Makes the translator from Assistants v2 events to UI message stream v1 for one run. */
export function createAssistantsTranslator(options: AssistantsTranslatorOptions = {}): AssistantsTranslator {
  const known = new Map<string, KnownFile>();
  const urlsByName = new Map<string, string>();
  const asked = new Set<string>();
  const emitted = new Set<string>();
  /** Made by the run and not shown yet. */
  const waiting = new Set<string>();
  const blocks = new Map<string, TextBlocks>();
  const { rewriteLinks = true } = options;
  const tools = createToolParts({ known, isClientTool: options.isClientTool ?? (() => false) });
  let run: Run | undefined;
  let status: RunStatus | undefined;
  let isStarted = false;

  const resolveLink = (name: string): string | undefined =>
    urlsByName.get(name) ??
    urlsByName.get(name.slice(name.lastIndexOf('/') + 1)) ??
    options.sandboxUrl?.(name, run?.thread_id ?? '');

  function learn(files: KnownFiles): void {
    for (const [id, file] of files) {
      asked.add(id);
      known.set(id, file);
      urlsByName.set(file.name, file.url);
    }
  }

  function blocksOf(messageId: string): TextBlocks {
    let found = blocks.get(messageId);
    if (!found) {
      found = createTextBlocks({ messageId, resolveLink, rewriteLinks });
      blocks.set(messageId, found);
    }
    return found;
  }

  function showFile(id: string, chunks: AssistantChunk[]): void {
    const file = known.get(id);
    if (!file || emitted.has(id)) return;
    emitted.add(id);
    waiting.delete(id);
    pushFileChunks(file, chunks);
  }

  function onRun(event: string, next: Run, asks: ReadonlySet<string>, chunks: AssistantChunk[]): void {
    run = next;
    start(next, chunks);
    if (next.status !== status) {
      status = next.status;
      chunks.push({
        type: 'data-status',
        transient: true,
        data: { threadId: next.thread_id, runId: next.id, status },
      });
    }
    if (event === 'thread.run.requires_action') tools.onRequiresAction(next, asks, chunks);
    const outcome = outcomes[event];
    if (!outcome) return;
    for (const text of blocks.values()) text.end(undefined, chunks);
    tools.end(next.status, chunks);
    for (const id of waiting) showFile(id, chunks);
    outcome(next, chunks, options.errorText ?? genericErrorText);
  }

  function start(next: Run, chunks: AssistantChunk[]): void {
    if (isStarted) return;
    isStarted = true;
    const userMessageId = next.metadata?.[userMessageIdKey] ?? options.userMessageId;
    const messageMetadata: AssistantMetadata = {
      threadId: next.thread_id,
      runId: next.id,
      assistantId: next.assistant_id,
      ...(userMessageId !== undefined && { userMessageId }),
      createdAt: next.created_at * 1000,
    };
    chunks.push({ type: 'start', messageId: next.id, messageMetadata });
  }

  function onMessageDelta(
    messageId: string,
    content: readonly MessageContentDelta[],
    chunks: AssistantChunk[],
  ) {
    for (const block of content) {
      if (block.type === 'text') {
        blocksOf(messageId).push(block.index, block.text?.value ?? '', false, chunks);
      } else if (block.type === 'refusal') {
        blocksOf(messageId).push(block.index, block.refusal ?? '', true, chunks);
      } else if (block.type === 'image_file' && block.image_file?.file_id) {
        showFile(block.image_file.file_id, chunks);
      } else if (block.type === 'image_url' && block.image_url?.url !== undefined) {
        showImage(`${messageId}:${block.index}`, block.image_url.url, chunks);
      }
    }
  }

  /** An image that lies elsewhere: of its type no more is known. */
  function showImage(place: string, url: string, chunks: AssistantChunk[]): void {
    if (emitted.has(place) || !url.startsWith('https://')) return;
    emitted.add(place);
    chunks.push({ type: 'file', url, mediaType: 'image/*' });
  }

  function onMessageEnd(message: Message, chunks: AssistantChunk[]): void {
    // A server may leave deltas out: the final message says all, and `push` was told only of what came.
    for (const [index, block] of message.content.entries()) {
      if (block.type === 'image_file') showFile(block.image_file.file_id, chunks);
      else if (block.type === 'image_url') showImage(`${message.id}:${index}`, block.image_url.url, chunks);
      else if (block.type === 'text') blocksOf(message.id).complete(index, block.text.value, false, chunks);
      else if (block.type === 'refusal') blocksOf(message.id).complete(index, block.refusal, true, chunks);
    }
    blocks.get(message.id)?.end(citationsOfMessage(message, known), chunks);
    const own = new Set<string>();
    addMessageFileIds(message, own);
    for (const id of own) showFile(id, chunks);
  }

  return {
    get run() {
      return run;
    },

    fileIds(event) {
      const typed = event as AssistantStreamEvent;
      let ids: Set<string> | undefined;
      switch (typed.event) {
        case 'thread.message.delta': {
          const content = typed.data.delta.content;
          if (!content || !needsFiles(content)) return noIds;
          ids = new Set(messageDeltaFiles(content).keys());
          break;
        }
        case 'thread.message.created':
        case 'thread.message.completed':
        case 'thread.message.incomplete':
          ids = new Set();
          addMessageFileIds(typed.data, ids);
          for (const id of citedFileIds(typed.data)) ids.add(id);
          break;
        case 'thread.run.step.delta':
        case 'thread.run.step.completed':
        case 'thread.run.step.failed':
        case 'thread.run.step.cancelled':
        case 'thread.run.step.expired':
          ids = new Set();
          addStepFileIds(typed.event === 'thread.run.step.delta' ? typed.data.delta : typed.data, ids);
          break;
        default:
          return noIds;
      }
      return [...ids].filter((id) => !asked.has(id));
    },

    translate(event, files = noFiles, asks = noCalls) {
      const chunks: AssistantChunk[] = [];
      if (files.size > 0) learn(files);
      const typed = event as AssistantStreamEvent;
      switch (typed.event) {
        // First, for it comes by the thousand.
        case 'thread.message.delta': {
          const content = typed.data.delta.content;
          if (!content) break;
          if (needsFiles(content)) {
            for (const [id, name] of messageDeltaFiles(content)) {
              waiting.add(id);
              const file = known.get(id);
              if (file && name !== undefined) urlsByName.set(name, file.url);
            }
          }
          onMessageDelta(typed.data.id, content, chunks);
          break;
        }
        case 'thread.run.created':
        case 'thread.run.queued':
        case 'thread.run.in_progress':
        case 'thread.run.requires_action':
        case 'thread.run.completed':
        case 'thread.run.incomplete':
        case 'thread.run.failed':
        case 'thread.run.cancelling':
        case 'thread.run.cancelled':
        case 'thread.run.expired':
          onRun(typed.event, typed.data, asks, chunks);
          break;
        case 'thread.message.created': {
          const own = new Set<string>();
          addMessageFileIds(typed.data, own);
          for (const id of own) waiting.add(id);
          break;
        }
        case 'thread.message.completed':
        case 'thread.message.incomplete':
          onMessageEnd(typed.data, chunks);
          break;
        case 'thread.run.step.delta':
          tools.onDelta(typed.data, chunks);
          break;
        case 'thread.run.step.completed':
        case 'thread.run.step.failed':
        case 'thread.run.step.cancelled':
        case 'thread.run.step.expired':
          onStepEnd(typed.data, chunks);
          break;
        default:
          break;
      }
      return chunks;
    },
  };

  function onStepEnd(step: RunStep, chunks: AssistantChunk[]): void {
    tools.onStepEnd(step, chunks);
    const own = new Set<string>();
    addStepFileIds(step, own);
    for (const id of own) showFile(id, chunks);
  }
}

/** An `error` chunk with the stable code that our clients read beside the sentence. */
export function errorChunk(code: AssistantErrorCode, errorText: string): AssistantChunk {
  return { type: 'error', errorText, code };
}

function needsFiles(content: readonly MessageContentDelta[]): boolean {
  return content.some(
    (block) => block.type === 'image_file' || (block.type === 'text' && block.text?.annotations),
  );
}

type Outcome = (run: Run, chunks: AssistantChunk[], errorText: (error: AssistantError) => string) => void;

const outcomes: Record<string, Outcome | undefined> = {
  'thread.run.completed': (run, chunks) =>
    chunks.push({ type: 'finish', finishReason: 'stop', messageMetadata: endOf(run) }),
  'thread.run.cancelled': (run, chunks) =>
    chunks.push(
      { type: 'message-metadata', messageMetadata: endOf(run) },
      { type: 'abort', reason: 'run_cancelled' },
    ),
  'thread.run.failed': (run, chunks, errorText) => endBadly('run_failed', run, chunks, errorText),
  'thread.run.expired': (run, chunks, errorText) => endBadly('run_expired', run, chunks, errorText),
  'thread.run.incomplete': (run, chunks, errorText) => endBadly('run_incomplete', run, chunks, errorText),
};

function endBadly(
  code: 'run_failed' | 'run_expired' | 'run_incomplete',
  run: Run,
  chunks: AssistantChunk[],
  errorText: (error: AssistantError) => string,
): void {
  chunks.push({ type: 'message-metadata', messageMetadata: endOf(run) });
  chunks.push(errorChunk(code, errorText(runError(code, run))));
}

/** The error of a run that ended badly; its message is the engine's own and not meant for the browser. */
export function runError(code: 'run_failed' | 'run_expired' | 'run_incomplete', run: Run): AssistantError {
  const reason = run.last_error?.message ?? run.incomplete_details?.reason ?? `The run is ${run.status}.`;
  return new AssistantError(code, reason, { cause: run.last_error ?? run.incomplete_details ?? undefined });
}

function endOf(run: Run): AssistantMetadata {
  const usage: RunUsage | null | undefined = run.usage;
  return { runStatus: run.status, ...(usage && { usage }) };
}

/** The sentence for the browser when nobody has a better one. */
export const genericErrorText = (error: AssistantError): string => publicText(error.code);
