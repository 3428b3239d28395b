import type { ChangeEvent, Dispatch, FormEvent, SetStateAction } from 'react';

/** A JSON value. */
export type JSONValue = null | string | number | boolean | { [key: string]: JSONValue } | JSONValue[];

/** A message as the removed hook had it. */
export interface Message {
  id: string;
  createdAt?: Date;
  content: string;
  role: 'system' | 'user' | 'assistant' | 'data';
  /** What a message with the role `data` carries. */
  data?: JSONValue;
  annotations?: JSONValue[] | undefined;
  /** Kept, never sent: the route gets `content`. */
  experimental_attachments?: { name?: string; contentType?: string; url: string }[];
  /** Always empty; newer code of the time looks at it. */
  // oxlint-disable-next-line typescript/no-explicit-any -- it was an array of parts of many kinds, all of them gone
  parts?: any[];
}

/** A message that has no id yet. */
export type CreateMessage = Omit<Message, 'id'> & { id?: Message['id'] };

export type AssistantStatus = 'in_progress' | 'awaiting_message';

export interface UseAssistantOptions {
  /** The route: ours, or one that answers with the removed `AssistantResponse`. */
  api: string;
  /** The thread to go on with; without one, the first message makes it. */
  threadId?: string | undefined;
  credentials?: RequestCredentials;
  headers?: Record<string, string> | Headers;
  /** Extra JSON properties of every request body. */
  body?: object;
  /** Called once for everything that `error` shows. */
  onError?: (error: Error) => void;
  fetch?: typeof globalThis.fetch;
}

/** What a single message may add to its request. */
export interface AppendOptions {
  data?: Record<string, string>;
}

export interface UseAssistantHelpers {
  /** Adds a message and asks for an answer. Settles when the answer is over; never rejects. */
  append: (message: Message | CreateMessage, options?: AppendOptions) => Promise<void>;
  messages: Message[];
  setMessages: Dispatch<SetStateAction<Message[]>>;
  threadId: string | undefined;
  /** Opens another thread, or with undefined a new one. The messages are gone, and what was on its way ends. */
  setThreadId: (threadId: string | undefined) => void;
  input: string;
  setInput: Dispatch<SetStateAction<string>>;
  handleInputChange: (event: ChangeEvent<HTMLInputElement> | ChangeEvent<HTMLTextAreaElement>) => void;
  /** Sends the input and empties it; an empty input is not sent. */
  submitMessage: (event?: FormEvent<HTMLFormElement>, options?: AppendOptions) => Promise<void>;
  status: AssistantStatus;
  /** What went wrong last; gone with the next message. */
  error: undefined | Error;
  /** Ends the answer. What has been written stays. */
  stop: () => void;
}
