import type { OutputFileData } from '@use-assistant/protocol';
import type { Thread } from 'openai/resources/beta/threads/threads';
import type { FileFacts } from '../output-files.ts';
import { refusal, statusOf } from '../public-errors.ts';
import type { Arrivals } from './arrivals.ts';
import type { KnownAssistant } from './assistant.ts';
import type { AssistantHandlerOptions, HandlerClient } from './options.ts';
import type { RunSlots } from './run-slots.ts';
import type { SignedIds } from './signed-ids.ts';

/** What the routes share. */
export interface HandlerContext {
  options: AssistantHandlerOptions;
  basePath: string;
  openai(): Promise<HandlerClient>;
  assistant(client: HandlerClient): Promise<KnownAssistant>;
  signedIds: SignedIds;
  runSlots: RunSlots;
  arrivals: Arrivals;
}

/** One request on its way through a route. */
export interface Call {
  request: Request;
  /** Whoever the caller is; new things belong to the first. */
  owners: readonly [string, ...string[]];
  client: HandlerClient;
  /** What stood in the place of `:name` in the route's path. */
  params: Readonly<Record<string, string>>;
}

/** The thread's metadata key that says whose it is. */
export const ownerKey = 'owner';
/** The thread's metadata key of its title. */
export const titleKey = 'title';
/** The thread's metadata key of the id that the page gave its first message. */
export const firstMessageKey = 'first_message';
/** The message's metadata key of the id that the page gave it. */
export const clientIdKey = 'client_id';
/** The message's metadata key of what it said, as the page sent it, made short. */
export const digestKey = 'client_digest';
/** The run's metadata key that says that a later run has taken its place. */
export const replacedKey = 'replaced';
/** The message's metadata key that says that its text only stands for its files. */
export const noTextKey = 'no_text';

/** Whether the engine may have given this id: the client makes addresses of ids, and fails with what fits in none. */
export function isEngineId(id: string): boolean {
  return /^[\w-]{1,128}$/.test(id);
}

/** The thread, if it is the caller's. One that is not answers as one that does not exist. */
export async function readThread(call: Call, id: string): Promise<Thread> {
  const thread = isEngineId(id)
    ? await call.client.beta.threads.retrieve(id).catch((error: unknown) => {
        if (statusOf(error) === 404) return undefined;
        throw error;
      })
    : undefined;
  const metadata = thread?.metadata as Record<string, string> | null | undefined;
  if (!thread || !call.owners.includes(metadata?.[ownerKey] ?? '')) throw refusal('not_found');
  return thread;
}

/** How this caller names a file of the engine. */
export function fileReference(
  context: HandlerContext,
  { owners: [owner] }: Pick<Call, 'owners'>,
): (file: FileFacts) => Promise<Pick<OutputFileData, 'id' | 'url'>> {
  return async ({ fileId }) => {
    const id = await context.signedIds.sign(fileId, owner);
    return { id, url: fileUrl(context, id) };
  };
}

/** The address of a file for its owner. */
export function fileUrl(context: HandlerContext, signedId: string): string {
  return `${context.basePath}/files/${signedId}`;
}

/** The address of a file of which only the name in the sandbox is known. */
export function sandboxUrl(context: HandlerContext, name: string, threadId: string): string {
  // Parentheses would end a link in Markdown; half a character, which a model may write, has no place in an address.
  const path = encodeURIComponent(name.toWellFormed()).replaceAll('(', '%28').replaceAll(')', '%29');
  return `${context.basePath}/threads/${threadId}/files/${path}`;
}

/** An answer in JSON, which no cache keeps. */
export function json(body: unknown, status = 200): Response {
  return Response.json(body, { status, headers: { 'cache-control': 'no-store' } });
}

/** A step of a path as it was meant; one that cannot be decoded means itself. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
