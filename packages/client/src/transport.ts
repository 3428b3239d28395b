import type { AssistantMessage, RunStatus, RunUsage } from '@use-assistant/protocol';

/** A thread as the list shows it. */
export interface ThreadSummary {
  id: string;
  title?: string | null;
  /** Milliseconds since the epoch. */
  createdAt?: number;
  updatedAt?: number;
}

/** One page of threads; `next` is the `after` of the following page. */
export interface ThreadPage {
  threads: ThreadSummary[];
  next?: string | null;
}

/** The newest run of a thread, as the route reports it. */
export interface RunSummary {
  id: string;
  status: RunStatus;
  usage?: RunUsage | null;
  lastError?: { code: string; message: string } | null;
}

/** A thread with its messages, oldest first. */
export interface ThreadHistory {
  thread: ThreadSummary;
  messages: AssistantMessage[];
  run?: RunSummary | null;
}

/** What one run is asked for. */
export interface RunRequest {
  threadId: string | undefined;
  message: AssistantMessage;
  /** `append-message` adds the message to the thread without running the assistant. */
  trigger: 'submit-message' | 'append-message' | 'regenerate-message';
  /** The message that is edited or regenerated. */
  messageId?: string;
}

/** The browser's answer to one tool call: an output, or a decision about an approval. */
export type ToolOutput =
  | { toolCallId: string; output: unknown }
  | { toolCallId: string; approved: boolean; reason?: string };

/** A file that stands on the server; a message names it by its `url`. */
export interface UploadedFile {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  url: string;
}

/** A file of a React Native picker. */
export interface NativeFile {
  uri: string;
  name: string;
  type?: string;
  size?: number;
}

/** What can be uploaded. */
export type UploadSource = File | NativeFile;

/** What a single request may add. */
export interface RequestOptions {
  headers?: Record<string, string> | Headers;
  /** Extra JSON properties of the request body. */
  body?: object;
}

export interface TransportOptions extends RequestOptions {
  signal?: AbortSignal;
}

export interface UploadOptions {
  signal: AbortSignal;
  /** 0 to 1. */
  onProgress(progress: number): void;
}

type Bytes = ReadableStream<Uint8Array>;

/**
 * The way to the route. All that the client sends goes through here; every method rejects with an `AssistantError`
 * and answers within a tick of its signal's abort.
 */
export interface AssistantTransport {
  /** Starts a run and answers its stream; null when there is none to follow. */
  run(request: RunRequest, options: TransportOptions): Promise<Bytes | null>;
  /** The stream of the active run after the event last seen, or from its start; null when there is none. */
  resume(
    request: { threadId: string; lastEventId?: string },
    options: TransportOptions,
  ): Promise<Bytes | null>;
  /** Hands in the outputs that the run waits for and answers the stream of its rest. */
  submitToolOutputs(
    request: { threadId: string; runId: string; outputs: ToolOutput[] },
    options: TransportOptions,
  ): Promise<Bytes | null>;
  /** Cancels the thread's active run; null when nothing ran. */
  cancel(threadId: string, options: TransportOptions): Promise<RunSummary | null>;
  getThread(threadId: string, options: TransportOptions): Promise<ThreadHistory>;
  listThreads(page: { limit?: number; after?: string }, options: TransportOptions): Promise<ThreadPage>;
  updateThread(
    threadId: string,
    changes: { title: string },
    options: TransportOptions,
  ): Promise<ThreadSummary>;
  deleteThread(threadId: string, options: TransportOptions): Promise<void>;
  uploadFile(source: UploadSource, options: UploadOptions): Promise<UploadedFile>;
  deleteFile(fileId: string, options: TransportOptions): Promise<void>;
}
