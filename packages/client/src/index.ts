export { AssistantError } from '@use-assistant/protocol';
export type {
  AssistantChunk,
  AssistantDataParts,
  AssistantErrorCode,
  AssistantMessage,
  AssistantMetadata,
  AssistantTools,
  CodeInterpreterInput,
  CodeInterpreterOutput,
  OutputFileData,
  RunStatus,
  RunStatusData,
  RunUsage,
} from '@use-assistant/protocol';
export { AssistantClient } from './assistant-client.ts';
export type { RetryPolicy } from './backoff.ts';
export { isAccepted } from './file-limits.ts';
export type { FileLimits } from './file-limits.ts';
export { createHttpTransport } from './http-transport.ts';
export type { HttpTransportOptions } from './http-transport.ts';
export { isToolPart } from './messages.ts';
export type { MessageInput } from './messages.ts';
export type {
  AssistantCallbacks,
  AssistantClientOptions,
  DataChunk,
  FinishEvent,
  SendMessageInput,
} from './options.ts';
export { isActiveRun } from './run-state.ts';
export { frameScheduler } from './scheduler.ts';
export type { Scheduler } from './scheduler.ts';
export type {
  AssistantState,
  AssistantStatus,
  ChatMessage,
  FilePart,
  MessagePart,
  RunState,
  ToolPart,
} from './state.ts';
export type { Threads } from './threads.ts';
export type { ToolApprovalInput, ToolCall, ToolOutputInput } from './tools.ts';
export type {
  AssistantTransport,
  NativeFile,
  RequestOptions,
  RunRequest,
  RunSummary,
  ThreadHistory,
  ThreadPage,
  ThreadSummary,
  ToolOutput,
  TransportOptions,
  UploadedFile,
  UploadOptions,
  UploadSource,
} from './transport.ts';
export type { UploadItem } from './uploads.ts';
