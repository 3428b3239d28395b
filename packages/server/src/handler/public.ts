// What both entries, `.` and `./next`, show of the handler.
export { createAssistantHandler } from './create-assistant-handler.ts';
export type { AssistantHandler, RouteMethod } from './create-assistant-handler.ts';
export type {
  AssistantDefinition,
  AssistantHandlerOptions,
  HandlerClient,
  ThreadIndex,
  UploadLimits,
} from './options.ts';
export { createRateLimit } from './rate-limit.ts';
export type {
  HandlerAction,
  RateLimit,
  RateLimitDecision,
  RateLimitOptions,
  RateLimitRule,
} from './rate-limit.ts';
