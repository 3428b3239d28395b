import type { Message } from 'openai/resources/beta/threads/messages';
import type { Run } from 'openai/resources/beta/threads/runs/runs';
import type { Thread } from 'openai/resources/beta/threads/threads';
import { userMessageIdKey } from '../from-assistants.ts';
import { pause } from '../wait-for-run.ts';
import { clientIdKey, digestKey, firstMessageKey, isEngineId, readThread, replacedKey } from './context.ts';
import type { Call } from './context.ts';
import { metadataOf } from './metadata.ts';
import type { RunRequest } from './request-body.ts';
import { findThread } from './thread-list.ts';

/** Where a message belongs, and what is there of it already. */
export interface Place {
  /** Undefined where the message begins one. */
  thread: Thread | undefined;
  /** The message has come before: a retry, a second click, or a proxy that sends what it has sent. */
  repeat: { messageId: string; run: Run | undefined } | undefined;
}

/** So many of the newest messages are looked at: what is sent again is sent soon. */
const recent = 20;
/** Seconds for which the first message of a thread finds it again. */
const firstIsKnown = 600;
/** Seconds in which another process that has added a message may be about to begin its run. */
const fresh = 10;
/** How long to wait in turns, in milliseconds, for that run. */
const pauses = [25, 50, 100, 200];

/** Finds the place of what is asked. The thread is the caller's. */
export async function findPlace(call: Call, asked: RunRequest, threadId: string | undefined): Promise<Place> {
  // Who wants another answer, or puts a message in the place of one, repeats nothing.
  const isNew = asked.message?.id === undefined || asked.messageId !== undefined;
  if (threadId === undefined) {
    const thread = isNew ? undefined : await findThread(call, { [firstMessageKey]: asked.message!.id! });
    const isKnown = thread !== undefined && Date.now() / 1000 - thread.created_at < firstIsKnown;
    const repeat = isKnown ? await findRepeat(call, asked, thread.id) : undefined;
    return { thread: repeat && thread, repeat };
  }
  const reading = isNew || !isEngineId(threadId) ? undefined : findRepeat(call, asked, threadId);
  // Whose thread it is decides first.
  reading?.catch(() => undefined);
  return { thread: await readThread(call, threadId), repeat: await reading };
}

async function findRepeat(
  call: Call,
  { message: asked, trigger }: RunRequest,
  threadId: string,
): Promise<Place['repeat']> {
  const { messages } = call.client.beta.threads;
  const [{ data }, digest] = await Promise.all([
    messages.list(threadId, { order: 'desc', limit: recent }),
    digestOf(asked!),
  ]);
  const same = data.filter((candidate) => {
    const metadata = metadataOf(candidate);
    return metadata[clientIdKey] === asked?.id && metadata[digestKey] === digest;
  });
  const newest = same[0];
  if (!newest) return undefined;
  if (trigger === 'append-message') return { messageId: newest.id, run: undefined };
  let run = await findRun(call, same);
  for (const wait of Date.now() / 1000 - newest.created_at < fresh ? pauses : []) {
    if (run || call.request.signal.aborted) break;
    await pause(wait, call.request.signal);
    run = await findRun(call, same);
  }
  return { messageId: (run && metadataOf(run)[userMessageIdKey]) ?? newest.id, run };
}

/** The run that answers one of these messages. */
async function findRun(call: Call, messages: Message[]): Promise<Run | undefined> {
  const ids = new Set<string | undefined>(messages.map(({ id }) => id));
  const { runs } = call.client.beta.threads;
  const { data } = await runs.list(messages[0]!.thread_id, { order: 'desc', limit: recent });
  return data.find((run) => {
    const metadata = metadataOf(run);
    return ids.has(metadata[userMessageIdKey]) && metadata[replacedKey] === undefined;
  });
}

/** Tells messages apart that have been given the same id. */
export async function digestOf({ text, files }: NonNullable<RunRequest['message']>): Promise<string> {
  const told = JSON.stringify([text, files.map(({ url, filename }) => [url, filename])]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(told));
  return Array.from(new Uint8Array(digest).subarray(0, 16), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
