export { AssistantResponse } from './assistant-response.ts';
export type {
  AssistantResponseContext,
  AssistantResponseOptions,
  AssistantResponseSettings,
  AssistantRunOptions,
  FileAddress,
  SentMessage,
} from './assistant-response.ts';
export type { ForwardStream } from './forward-stream.ts';
export { createAssistantsTranslator } from './from-assistants.ts';
export type { KnownFile } from './file-parts.ts';
export type {
  AssistantsEvent,
  AssistantsTranslator,
  AssistantsTranslatorOptions,
} from './from-assistants.ts';
export { toFunctionDefinitions } from './function-tools.ts';
export type { FunctionTool, FunctionTools } from './function-tools.ts';
export * from './handler/public.ts';
export type { FileFacts } from './output-files.ts';
export type { OnError } from './public-errors.ts';
export { runThread } from './run-thread.ts';
export type { AssistantsClient, RunThreadOptions } from './run-thread.ts';
export type { NeedsApproval } from './tool-approvals.ts';
export { StreamData } from './stream-data.ts';
export type { FileContent, StreamDataOptions } from './stream-data.ts';
