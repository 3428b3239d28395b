export type {
  AppendOptions,
  AssistantStatus,
  CreateMessage,
  JSONValue,
  Message,
  UseAssistantHelpers,
  UseAssistantOptions,
} from './types.ts';
export { useAssistant, useAssistant as experimental_useAssistant } from './use-assistant.ts';
