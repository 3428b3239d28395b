import type {
  AddToolOutputOf,
  AssistantClient,
  AssistantTypes,
  ChatMessageOf,
  DataChunkOf,
  FinishEventOf,
  MessageInput,
  ToolCallOf,
  AssistantClientOptions,
  AssistantState,
  RequestOptions,
  SendMessageInput,
} from '@use-assistant/client';
import type { ChangeEvent, ClipboardEventHandler, DragEventHandler, SyntheticEvent } from 'react';

/** Options of `useAssistant`. Callbacks and request settings may change with each render. */
export interface UseAssistantOptions<Types extends AssistantTypes = AssistantTypes> extends Omit<
  AssistantClientOptions,
  'scheduler' | 'retry' | 'onToolCall' | 'onData' | 'onFinish'
> {
  /** A client made elsewhere, shared or kept alive; it then has all other options but `threadId`. */
  client?: AssistantClient | undefined;
  /** As the client's `onToolCall`, with the app's own tools. */
  onToolCall?: ((event: { toolCall: ToolCallOf<Types> }) => unknown) | undefined;
  /** As the client's `onData`, with the app's own data parts. */
  onData?: ((chunk: DataChunkOf<Types>) => void) | undefined;
  /** As the client's `onFinish`, with messages of the app's own kind. */
  onFinish?: ((event: FinishEventOf<Types>) => void) | undefined;
}

type ClientFunctions = Pick<
  AssistantClient,
  | 'setMessages'
  | 'sendMessage'
  | 'append'
  | 'regenerate'
  | 'stop'
  | 'resumeStream'
  | 'clearError'
  | 'addToolOutput'
  | 'addToolApprovalResponse'
  | 'setInput'
  | 'addFiles'
  | 'removeFile'
  | 'removeQueuedMessage'
  | 'sendQueuedMessageNow'
  | 'setThreadId'
  | 'loadHistory'
  | 'loadPrevious'
  | 'threads'
>;

/** The functions that `useAssistant` gives; each is the same in every render. */
export interface AssistantActions extends ClientFunctions {
  /** @deprecated `useChat`'s older name of `addToolOutput`. */
  addToolResult: AssistantClient['addToolOutput'];
  /** For `onChange` of an input or a textarea. */
  handleInputChange: (event: Pick<ChangeEvent<HTMLInputElement | HTMLTextAreaElement>, 'target'>) => void;
  /** Sends the input with its files; for `onSubmit` of a form, or called without an event. */
  handleSubmit: (event?: Pick<SyntheticEvent, 'preventDefault'>, options?: RequestOptions) => Promise<void>;
  /** The name that the removed hook had for `handleSubmit`. */
  submitMessage: (event?: Pick<SyntheticEvent, 'preventDefault'>, options?: RequestOptions) => Promise<void>;
  /** For `onChange` of `<input type="file">`. */
  handleFileUpload: (event: ChangeEvent<HTMLInputElement>) => void;
  /** Spread over the element that takes dropped files. */
  dropProps: { onDragOver: DragEventHandler; onDrop: DragEventHandler };
  /** Spread over the element that takes pasted files; pasted text goes its usual way. */
  pasteProps: { onPaste: ClipboardEventHandler };
  /** The name that `useChat` has for `removeQueuedMessage`. */
  experimental_removeQueuedMessage: (id: string) => void;
  /** The name that `useChat` has for `sendQueuedMessageNow`. */
  experimental_sendQueuedMessageNow: (id: string) => Promise<void>;
}

type Untyped =
  | 'messages'
  | 'queuedMessages'
  | 'setMessages'
  | 'sendMessage'
  | 'addToolOutput'
  | 'addToolResult';

/** What `useAssistant` gives: a superset of AI SDK 7's `UseChatHelpers`. */
export interface UseAssistantHelpers<Types extends AssistantTypes = AssistantTypes>
  extends Omit<AssistantState, Untyped>, Omit<AssistantActions, Untyped> {
  readonly id: string;
  messages: ChatMessageOf<Types>[];
  /** Messages that wait for the answer that is being written; see the option `whenBusy`. */
  queuedMessages: ChatMessageOf<Types>[];
  /** The name that `useChat` has for `queuedMessages`. */
  experimental_queuedMessages: ChatMessageOf<Types>[];
  setMessages: (
    value:
      | readonly (ChatMessageOf<Types> | MessageInput)[]
      | ((messages: ChatMessageOf<Types>[]) => readonly (ChatMessageOf<Types> | MessageInput)[]),
  ) => void;
  /** Adds a message, or with `messageId` puts it in the place of one, and asks for an answer; without one, for an answer alone. */
  sendMessage: (
    message?: Omit<SendMessageInput, 'parts' | 'metadata'> & {
      parts?: ChatMessageOf<Types>['parts'] | undefined;
      metadata?: ChatMessageOf<Types>['metadata'];
    },
    options?: RequestOptions,
  ) => Promise<void>;
  /** Gives the output of a tool call; with the last that the run waits for, all are handed in. */
  addToolOutput: AddToolOutputOf<Types>;
  /** @deprecated `useChat`'s older name of `addToolOutput`. */
  addToolResult: AddToolOutputOf<Types>;
}
