import type { AssistantMessage } from '@use-assistant/protocol';
import { toChatMessage } from './messages.ts';
import type { ChatMessage } from './state.ts';
import { hasId, isRecord, isRunOrNone } from './wire.ts';

/**
 * What stands on the page and is newer than the history, which was asked for when `before` stood there: it was sent, or
 * written on, while that was on its way.
 */
export function toNewer(
  local: readonly ChatMessage[],
  before: readonly ChatMessage[],
  history: readonly AssistantMessage[],
  answering: string | undefined,
): ChatMessage[] {
  const known = new Set(history.map(({ id }) => id));
  const old = new Set(before);
  return local.filter((message) => !known.has(message.id) || !old.has(message) || message.id === answering);
}

/**
 * The history as the server tells it, with the objects that are already on the page where nothing has changed.
 * `kept` are local messages that the history does not know so well; where it has no place for them, they stand after it.
 */
export function mergeHistory(
  history: readonly AssistantMessage[],
  local: readonly ChatMessage[],
  kept: readonly ChatMessage[],
): ChatMessage[] {
  const byId = new Map(local.map((message) => [message.id, message]));
  const own = new Map(kept.map((message) => [message.id, message]));
  const merged = history.map((message) => {
    const known = byId.get(message.id);
    const newer = own.get(message.id);
    own.delete(message.id);
    return newer ?? (known && isSame(known, message) ? known : toChatMessage(message));
  });
  return merged.concat(Array.from(own.values()));
}

function isSame(a: AssistantMessage, b: AssistantMessage): boolean {
  return a.role === b.role && JSON.stringify([a.parts, a.metadata]) === JSON.stringify([b.parts, b.metadata]);
}

/** Whether a value is what `GET /threads/:id` answers. */
export function isHistory(value: unknown): boolean {
  return (
    isRecord(value) &&
    Array.isArray(value['messages']) &&
    value['messages'].every(isMessage) &&
    ['string', 'undefined'].includes(typeof (value['previous'] ?? undefined)) &&
    isRunOrNone(value['run'])
  );
}

/** Whether a value is a message as the route tells it. */
export function isMessage(value: unknown): boolean {
  return (
    hasId(value) &&
    typeof value['role'] === 'string' &&
    Array.isArray(value['parts']) &&
    value['parts'].every((part) => isRecord(part) && typeof part['type'] === 'string')
  );
}
