import type { AssistantChunk, AssistantError, RunStatusData } from '@use-assistant/protocol';
import type { RetryPolicy } from './backoff.ts';
import type { FileLimits } from './file-limits.ts';
import type { HttpOptions } from './http.ts';
import type { MessageInput } from './messages.ts';
import type { Scheduler } from './scheduler.ts';
import type { ChatMessage, FilePart, MessagePart } from './state.ts';
import type { ToolCall } from './tools.ts';
import type { UploadedFile, UploadOptions, UploadSource } from './wire.ts';

/** A `data-*` chunk, transient or not. */
export type DataChunk = Extract<AssistantChunk, { type: `data-${string}` }>;

/** How an answer has ended. */
export interface FinishEvent {
  message: ChatMessage;
  messages: ChatMessage[];
  /** It was stopped. */
  isAbort: boolean;
  /** The connection was lost for good. */
  isDisconnect: boolean;
  isError: boolean;
  finishReason?: Extract<AssistantChunk, { type: 'finish' }>['finishReason'];
}

/** What the client calls. A callback that throws harms no stream; its error is reported as an unhandled rejection. */
export interface AssistantCallbacks {
  onError?: ((error: AssistantError) => void) | undefined;
  /** Once for each answer, also for one that was stopped or failed. */
  onFinish?: ((event: FinishEvent) => void) | undefined;
  onData?: ((chunk: DataChunk) => void) | undefined;
  /** The run has changed its status. */
  onStatus?: ((status: RunStatusData) => void) | undefined;
  /**
   * The run waits for a tool that only the browser can run. What the function returns is the tool's output, what it
   * throws its error; without a return value, `addToolOutput` gives the output later.
   */
  onToolCall?: ((event: { toolCall: ToolCall }) => unknown) | undefined;
  /** The thread has changed: by `setThreadId`, or because the server has made one. The place to put it into the URL. */
  onThreadIdChange?: ((threadId: string | undefined) => void) | undefined;
}

export interface AssistantClientOptions extends HttpOptions, FileLimits, AssistantCallbacks {
  /** @default a random id */
  id?: string | undefined;
  /** The thread to open; without one, the first message makes it. */
  threadId?: string | undefined;
  /** Messages to begin with, such as a server has rendered. */
  messages?: readonly MessageInput[] | undefined;
  /** Where files go. @default `POST {api}/files`, by multipart */
  uploadFile?: ((source: UploadSource, options: UploadOptions) => Promise<UploadedFile>) | undefined;
  /**
   * What a message does that is sent while an answer is written: stop that and be answered, or wait its turn.
   * @default 'stop'
   */
  whenBusy?: 'stop' | 'queue' | undefined;
  /** Where a message is kept until the server has it, so that a reload does not lose it. @default sessionStorage */
  storage?: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** @default once per animation frame */
  scheduler?: Scheduler | undefined;
  /** How patiently lost connections and uploads are tried again. @default 5 times, after 500 ms to 8 s */
  retry?: Partial<RetryPolicy> | undefined;
}

/** What `sendMessage` takes, as `useChat` does; files may also be `File`s, which are uploaded first. */
export interface SendMessageInput {
  id?: string | undefined;
  role?: string | undefined;
  text?: string | undefined;
  files?: ArrayLike<UploadSource | FilePart> | undefined;
  parts?: MessagePart[] | undefined;
  metadata?: ChatMessage['metadata'];
  /** Replaces this message of the user and what follows it. */
  messageId?: string | undefined;
}
