export {
  AssistantChatTransport,
  AssistantClient,
  AssistantError,
  isToolPart,
  preload,
  ThreadList,
} from '@use-assistant/client';
export type {
  AssistantChatTransportOptions,
  AssistantChunk,
  AssistantClientOptions,
  AssistantErrorCode,
  AssistantMessage,
  AssistantMetadata,
  AssistantState,
  AssistantStatus,
  AssistantTypes,
  AssistantTypesOf,
  AssistantTypesSource,
  ChatMessage,
  ChatMessageOf,
  CodeInterpreterInput,
  CodeInterpreterOutput,
  DataChunk,
  FilePart,
  FinishEvent,
  MessagePart,
  OutputFileData,
  RequestOptions,
  RunState,
  RunStatus,
  RunStatusData,
  RunUsage,
  SendMessageInput,
  ThreadListState,
  Threads,
  ThreadPage,
  ThreadSummary,
  ToolCall,
  ToolCallOf,
  ToolOutputOf,
  ToolPart,
  UploadItem,
} from '@use-assistant/client';
export type { AssistantActions, UseAssistantHelpers, UseAssistantOptions } from './types.ts';
export { toStatusText } from './status-text.ts';
export type { StatusTexts } from './status-text.ts';
export { useAssistant } from './use-assistant.ts';
export { useThreads } from './use-threads.ts';
export type { UseThreadsHelpers } from './use-threads.ts';
