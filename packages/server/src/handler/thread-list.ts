import type { Thread } from 'openai/resources/beta/threads/threads';
import { askOnError, refusal, statusOf } from '../public-errors.ts';
import { json, ownerKey, readThread } from './context.ts';
import type { Call, HandlerContext } from './context.ts';
import { inTurns } from './in-turns.ts';
import { metadataOf } from './metadata.ts';
import { readPage } from './request-query.ts';
import { toPublicThread } from './public-thread.ts';

/** A page of threads as the engine lists them by metadata. */
interface EngineThreads {
  data: (Thread & { last_active_at?: number })[];
  next?: string | null;
}

/** `GET /threads`: the caller's threads, the one that was last active first. */
export async function listThreads(context: HandlerContext, call: Call): Promise<Response> {
  const page = readPage(call.request);
  const { threads } = context.options;
  return json(await (threads ? listIndexed(threads, call, page) : listByMetadata(call, page)));
}

type Page = ReturnType<typeof readPage>;
type ThreadIndex = NonNullable<HandlerContext['options']['threads']>;

async function listByMetadata(call: Call, page: Page): Promise<object> {
  const query = { ...page, metadata: { [ownerKey]: call.owners } };
  const options = { query, signal: call.request.signal, headers: { 'openai-beta': 'assistants=v2' } };
  const { data, next } = await call.client.get<EngineThreads>('/threads', options).catch((error: unknown) => {
    switch (statusOf(error)) {
      case 400:
        throw refusal('bad_request', 'after is not the next of a page.');
      case 404:
      case 405:
        throw refusal('not_supported', 'This server keeps no list of threads.');
      default:
        throw error;
    }
  });
  // A server that passes over the filter must not show anyone the threads of all.
  const own = data.filter((thread) => call.owners.includes(ownerOf(thread)));
  const threads = own.map((thread) => {
    const { last_active_at: active } = thread;
    return toPublicThread(thread, active === undefined ? undefined : active * 1000);
  });
  return { threads, next: next ?? null };
}

async function listIndexed(index: ThreadIndex, call: Call, page: Page): Promise<object> {
  const { threads, next } = await index.list(call.owners, page);
  const found: object[] = Array.from({ length: threads.length });
  await inTurns([...threads.entries()], 4, async ([place, { id, updatedAt }]) => {
    const thread = await readThread(call, id).catch((error: unknown) => {
      // It was deleted where the index did not see it.
      if (statusOf(error) === 404) return undefined;
      throw error;
    });
    if (thread) found[place] = toPublicThread(thread, updatedAt);
  });
  return { threads: found.filter(Boolean), next };
}

/** The caller's thread that was last active of those with this metadata, where the server finds threads by that. */
export async function findThread(call: Call, metadata: Record<string, string>): Promise<Thread | undefined> {
  return (await findThreads(call, metadata, 1))[0];
}

async function findThreads(call: Call, metadata: Record<string, string>, limit: number): Promise<Thread[]> {
  // The rarest first: by that the server looks.
  const query = { limit, metadata: { ...metadata, [ownerKey]: call.owners } };
  const headers = { 'openai-beta': 'assistants=v2' };
  const { data } = await call.client
    .get<EngineThreads>('/threads', { query, headers, signal: call.request.signal })
    .catch(orNone({ data: [] }));
  return data.filter(
    (thread) =>
      call.owners.includes(ownerOf(thread)) &&
      Object.entries(metadata).every(([key, value]) => metadataOf(thread)[key] === value),
  );
}

/** So many of the threads that were last active are looked through. */
const recent = 20;

/** The caller's thread that holds this run: `useChat` names no thread when it wants its first answer anew. */
export async function findThreadOfRun(call: Call, runId: string): Promise<string | undefined> {
  for (const thread of await findThreads(call, {}, recent)) {
    const options = { thread_id: thread.id };
    if (await call.client.beta.threads.runs.retrieve(runId, options).catch(orNone(undefined)))
      return thread.id;
  }
  return undefined;
}

function orNone<T>(none: T): (error: unknown) => T {
  return (error) => {
    if (statusOf(error) === 404 || statusOf(error) === 405) return none;
    throw error;
  };
}

/** Tells the index that something was said in the thread. */
export function touchThread(context: HandlerContext, thread: Thread): Promise<void> {
  return tellIndex(context, (index) => index.touch(ownerOf(thread), thread.id));
}

/** Tells the index that the thread is gone. */
export function forgetThread(context: HandlerContext, thread: Thread): Promise<void> {
  return tellIndex(context, (index) => index.remove(ownerOf(thread), thread.id));
}

/** A list that lags behind is no reason to refuse the chat itself. */
async function tellIndex(
  { options }: HandlerContext,
  tell: (index: ThreadIndex) => void | Promise<void>,
): Promise<void> {
  try {
    if (options.threads) await tell(options.threads);
  } catch (error) {
    askOnError(error, options.onError);
  }
}

function ownerOf(thread: Thread): string {
  return metadataOf(thread)[ownerKey] ?? '';
}
