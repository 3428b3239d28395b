import type { AssistantMessage, AssistantMetadata } from '@use-assistant/protocol';
import type { ChatMessage, FilePart, MessagePart, ToolPart } from './state.ts';

/** What `setMessages` and `append` take: parts, or the plain `content` of older code. */
export type MessageInput = Omit<Partial<AssistantMessage>, 'role'> & {
  role?: string;
  content?: string;
};

/** An id that no other message of the page has, also where the page is not a secure context or there is no Web Crypto. */
export function createId(): string {
  const { crypto } = globalThis as { crypto?: Partial<Crypto> };
  return crypto?.randomUUID?.() ?? Math.random().toString(36).slice(2);
}

/** The text parts in one string. A message with one text part costs no copy. */
function joinText(parts: readonly MessagePart[]): string {
  return parts.reduce((text, part) => (part.type === 'text' ? text + part.text : text), '');
}

/** The message with its `content`; the same object when it already stands. */
export function toChatMessage(message: MessageInput): ChatMessage {
  const { role = 'user', content } = message;
  const parts = message.parts ?? (content ? [{ type: 'text' as const, text: content }] : []);
  const text = joinText(parts);
  if (message.id && message.role && message.parts && content === text) return message as ChatMessage;
  return { ...message, id: message.id || createId(), role, parts, content: text } as ChatMessage;
}

export interface UserMessageInput {
  /** What it is when its parts are the same: it is sent again. */
  again?: ChatMessage | undefined;
  id?: string | undefined;
  text?: string | undefined;
  parts?: MessagePart[] | undefined;
  files?: FilePart[] | undefined;
  metadata?: AssistantMetadata | undefined;
}

/** A message of the user: the text, then the files, as the history will tell it. */
export function createUserMessage({
  again,
  id,
  text,
  parts,
  files = [],
  metadata,
}: UserMessageInput): ChatMessage {
  const message = toChatMessage({ id, metadata, parts, role: 'user', content: text } as MessageInput);
  const all = message.parts.concat(files);
  return JSON.stringify(again?.parts) === JSON.stringify(all) ? again! : { ...message, parts: all };
}

/** The list with this message in the place of the one that has its id, or at its end. */
export function withMessage(messages: ChatMessage[], message: ChatMessage): ChatMessage[] {
  const index = messages.findLastIndex(({ id }) => id === message.id);
  return index < 0 ? messages.concat(message) : messages.with(index, message);
}

/** Whether the part is a tool call, of a named tool or a dynamic one. */
export function isToolPart(part: MessagePart): part is ToolPart {
  return part.type === 'dynamic-tool' || part.type.startsWith('tool-');
}

/** The tool calls of a message, in order. */
export function toToolParts(message: AssistantMessage | undefined): ToolPart[] {
  return message ? message.parts.filter((part) => isToolPart(part)) : [];
}

/** What `StreamData.append` appended, over all messages. */
export function toDataValues(messages: readonly AssistantMessage[]): unknown[] {
  return messages.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'data-value' ? [part.data] : [])),
  );
}
