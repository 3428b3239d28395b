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
export { AssistantChatTransport } from './chat-transport.ts';
export type { AssistantChatTransportOptions } from './chat-transport.ts';
export { isAccepted } from './file-limits.ts';
export type { FileLimits } from './file-limits.ts';
export type { HttpOptions, RequestOptions } from './http.ts';
export { preload } from './lazy.ts';
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
export { createStore } from './store.ts';
export type { Store, StoreOptions } from './store.ts';
export { ThreadList } from './thread-list.ts';
export type { ThreadListState } from './thread-list.ts';
export type { Threads } from './threads.ts';
export type { ToolApprovalInput, ToolCall, ToolOutputInput } from './tools.ts';
export type { UploadItem } from './uploads.ts';
export type {
  NativeFile,
  RunRequest,
  RunSummary,
  ThreadHistory,
  ThreadPage,
  ThreadSummary,
  ToolOutput,
  UploadedFile,
  UploadOptions,
  UploadSource,
} from './wire.ts';
export type {
  AddToolOutputOf,
  AssistantTypes,
  AssistantTypesOf,
  AssistantTypesSource,
  ChatMessageOf,
  DataChunkOf,
  FinishEventOf,
  ToolCallOf,
  ToolOutputOf,
  ToolsOf,
} from './typed.ts';
