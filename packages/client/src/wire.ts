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

/** A thread with its messages, oldest first; of a long one the newest, or those in front of a place. */
export interface ThreadHistory {
  thread: ThreadSummary;
  messages: AssistantMessage[];
  /** The `before` of the part in front of this one. */
  previous?: string | null;
  run?: RunSummary | null;
}

/** What one run is asked for: the body of `POST /`, beside the thread's id. */
export interface RunRequest {
  message: AssistantMessage;
  /** `append-message` adds the message to the thread without running the assistant. */
  trigger: 'submit-message' | 'append-message' | 'regenerate-message';
  /** The message that is edited or regenerated. */
  messageId?: string | undefined;
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

/** How an upload is watched and ended. */
export interface UploadOptions {
  signal: AbortSignal;
  /** 0 to 1. */
  onProgress(progress: number): void;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

export function hasId(value: unknown): value is Record<string, unknown> {
  return isRecord(value) && typeof value['id'] === 'string';
}

export function isRunOrNone(value: unknown): boolean {
  return value === undefined || value === null || (hasId(value) && typeof value['status'] === 'string');
}
