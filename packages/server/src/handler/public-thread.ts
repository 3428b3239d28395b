import type { Thread } from 'openai/resources/beta/threads/threads';
import type { AssistantsClient } from '../run-thread.ts';
import { firstMessageKey, ownerKey, titleKey } from './context.ts';
import { metadataOf } from './metadata.ts';

/** A thread as the browser sees it; times in milliseconds. */
export interface PublicThread {
  id: string;
  title: string | null;
  createdAt: number;
  /** When something was last said in it. */
  updatedAt: number;
  /** What the application wrote down; our own entries are not among it. */
  metadata: Record<string, string>;
}

/** What the browser is told of a thread. */
export function toPublicThread(thread: Thread, updatedAt = thread.created_at * 1000): PublicThread {
  const {
    [ownerKey]: _owner,
    [firstMessageKey]: _first,
    [titleKey]: title,
    ...metadata
  } = metadataOf(thread);
  return { id: thread.id, title: title ?? null, createdAt: thread.created_at * 1000, updatedAt, metadata };
}

/** When something was last said in a thread; undefined when nothing was. */
export async function lastActivity(client: AssistantsClient, threadId: string): Promise<number | undefined> {
  const { data } = await client.beta.threads.messages.list(threadId, { order: 'desc', limit: 1 });
  return data[0] && data[0].created_at * 1000;
}

/** How many letters a title may have, and from which on a word may end it. */
const longest = 60;
const shortest = 30;
/** A letter may be made of many signs, and metadata takes 512 of them. */
const mostSigns = 400;
/** What makes no line of text: controls, and marks that turn the direction of what follows. */
const invisible = /[\p{Cc}\p{Cs}\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/gu;

/** A title from the first words of a message; empty when it has none. It ends with a whole word where there is one. */
export function toTitle(text: string): string {
  // The beginning is enough to look at, however long the message.
  const line = text.slice(0, 4000).replaceAll(/\s+/g, ' ').replaceAll(invisible, '').trim();
  let cut = '';
  let letters = 0;
  for (const { segment } of new Intl.Segmenter().segment(line)) {
    if (letters === longest - 1 || cut.length + segment.length > mostSigns) break;
    cut += segment;
    letters += 1;
  }
  if (line.length - cut.length <= 1) return line;
  const end = cut.lastIndexOf(' ');
  return `${(end >= shortest ? cut.slice(0, end) : cut).replace(/[\s,;:.–—-]+$/u, '')}…`;
}
