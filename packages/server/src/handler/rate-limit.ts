import { refusal } from '../public-errors.ts';

/** What a request does: `run` asks a model, `upload` stores a file, `change` renames, deletes or cancels, `read` the rest. */
export type HandlerAction = 'run' | 'upload' | 'change' | 'read';

/** Whether a request may go on; if not, after how many seconds it may be sent again. */
export interface RateLimitDecision {
  allowed: boolean;
  /** Seconds. @default 1 */
  retryAfter?: number;
}

/**
 * Decides on each request. The principal is what `authorize` gave, or a visitor's random id; a visitor who sends no cookie
 * is a new one each time, so a limit for those goes by something else of the request, as its address.
 */
export type RateLimit = (
  principal: string,
  action: HandlerAction,
  request: Request,
) => RateLimitDecision | Promise<RateLimitDecision>;

/** So many requests at once, and as many anew in so many seconds. */
export interface RateLimitRule {
  requests: number;
  seconds: number;
}

/** How to make a rate limit. */
export interface RateLimitOptions {
  /** Milliseconds. @default Date.now */
  now?: () => number;
  /** So many callers are remembered; the one not seen for the longest is forgotten. @default 10000 */
  maxCallers?: number;
}

/**
 * A rate limit in the memory of this process: a bucket for each caller and action, full at first, refilled evenly. Actions
 * without a rule have no limit.
 */
export function createRateLimit(
  rules: Partial<Record<HandlerAction, RateLimitRule>>,
  { now = Date.now, maxCallers = 10_000 }: RateLimitOptions = {},
): RateLimit {
  // When a bucket will be full again says all that there is to say of it.
  const fullAt = new Map<string, number>();
  return (principal, action) => {
    const rule = rules[action];
    if (!rule) return { allowed: true };
    const time = now();
    const whole = rule.seconds * 1000;
    const one = whole / rule.requests;
    const key = `${action}:${principal}`;
    const next = Math.max(fullAt.get(key) ?? 0, time) + one;
    const wait = next - time - whole;
    // What a fraction of a millisecond is too much is a matter of rounding.
    if (wait > 1e-6) return { allowed: false, retryAfter: Math.ceil(wait / 1000) };
    fullAt.delete(key);
    fullAt.set(key, next);
    if (fullAt.size > maxCallers) fullAt.delete(fullAt.keys().next().value!);
    return { allowed: true };
  };
}

const retryTimes = new WeakMap<object, number>();

/** A refusal for now, with the seconds after which to ask again. */
export function tooMany(seconds: number, message?: string): Error {
  const error = message === undefined ? refusal('rate_limited') : refusal('rate_limited', message);
  retryTimes.set(error, Math.max(1, Math.ceil(seconds)));
  return error;
}

/** The headers that go with an error. */
export function errorHeaders(error: unknown): Record<string, string> {
  const seconds = typeof error === 'object' && error !== null ? retryTimes.get(error) : undefined;
  return seconds === undefined ? {} : { 'retry-after': String(seconds) };
}
