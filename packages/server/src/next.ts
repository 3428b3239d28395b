export { createAssistantHandler } from './handler/create-assistant-handler.ts';
export type { AssistantHandler, RouteMethod } from './handler/create-assistant-handler.ts';
export type {
  AssistantDefinition,
  AssistantHandlerOptions,
  HandlerClient,
  ThreadIndex,
  UploadLimits,
} from './handler/options.ts';
export { createRateLimit } from './handler/rate-limit.ts';
export type {
  HandlerAction,
  RateLimit,
  RateLimitDecision,
  RateLimitOptions,
  RateLimitRule,
} from './handler/rate-limit.ts';
