export { createAssistantHandler } from './handler/create-assistant-handler.ts';
export type { AssistantHandler, RouteMethod } from './handler/create-assistant-handler.ts';
export type { AssistantDefinition, AssistantHandlerOptions, UploadLimits } from './handler/options.ts';
