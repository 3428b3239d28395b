import { z } from 'zod';
import { refusal } from '../public-errors.ts';

const cursor = z.string().min(1).max(256);
const limit = z.coerce.number().int().min(1).max(100);
const page = z.object({ limit: limit.default(20), after: cursor.optional() });
const historyPage = z.object({ limit: limit.default(100), before: cursor.optional() });

/** Which page of a list the request asks for. */
export function readPage(request: Request): { limit: number; after?: string } {
  return read(page, request) as { limit: number; after?: string };
}

/** Which part of a thread's messages the request asks for: so many before a place, or the newest. */
export function readHistoryPage(request: Request): { limit: number; before?: string } {
  return read(historyPage, request) as { limit: number; before?: string };
}

function read<T>(schema: z.ZodType<T>, request: Request): T {
  const result = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw refusal('bad_request', `${path.join('.')}: ${message}`);
}
