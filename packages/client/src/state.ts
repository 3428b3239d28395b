import type { AssistantError, AssistantMessage, RunStatus, RunUsage } from '@use-assistant/protocol';
import type { UploadItem } from './uploads.ts';

/** A message with its text joined for the simple case; `parts` hold everything. */
export type ChatMessage = AssistantMessage & { content: string };

/** One part of a message. */
export type MessagePart = AssistantMessage['parts'][number];

/** A file in a message, named by its URL. */
export type FilePart = Extract<MessagePart, { type: 'file' }>;

/** A tool call in a message: code interpreter, file search or a function. */
export type ToolPart = Extract<MessagePart, { toolCallId: string }>;

/** The state of the conversation, as `useChat` names it. */
export type AssistantStatus = 'submitted' | 'streaming' | 'ready' | 'error';

/** The newest run of the thread. */
export interface RunState {
  id: string;
  /** The status of the Assistants API, verbatim. */
  status: RunStatus;
  /** The run's tool calls in order, each with its input and output as they come. */
  steps: readonly ToolPart[];
  usage?: RunUsage;
  lastError?: { code: string; message: string };
}

/** Everything that the client knows; each snapshot is immutable. */
export interface AssistantState {
  threadId: string | undefined;
  messages: ChatMessage[];
  status: AssistantStatus;
  error: AssistantError | undefined;
  run: RunState | undefined;
  /** What the route appended with `StreamData.append`, in order. */
  data: readonly unknown[];
  input: string;
  files: readonly UploadItem[];
  /** Messages that wait for the answer that is being written; see the option `whenBusy`. */
  queuedMessages: ChatMessage[];
  isLoadingHistory: boolean;
  /** Whether the thread has messages in front of the first one, for `loadPrevious` to load. */
  hasPrevious: boolean;
  isLoadingPrevious: boolean;
}
