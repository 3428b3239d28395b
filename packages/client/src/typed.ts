import type { AssistantDataParts, AssistantMetadata, AssistantTools } from '@use-assistant/protocol';
import type { ChatAddToolOutputFunction, Tool, UIDataTypes, UIMessage, UITool, UITools } from 'ai';
import type { FinishEvent } from './options.ts';
import type { ChatMessage } from './state.ts';

/**
 * What an app knows about its own conversation: the metadata of its messages, the data parts of its route, and its
 * tools, as the type of the object that the route is given.
 *
 *     const { messages } = useAssistant<{ tools: typeof tools; data: { weather: Weather } }>();
 */
export interface AssistantTypes {
  metadata?: object;
  data?: UIDataTypes;
  tools?: AppTools;
}

/** AI SDK tools, or what goes in and out of each. Its `ToolSet` would leave out tools that name no output. */
type AppTools = Readonly<Record<string, { inputSchema: unknown } | UITool>>;

interface Typed {
  readonly '~types'?: AssistantTypes;
}

/** What says which types there are: a route's handler or one of its methods, or the types themselves. */
export type AssistantTypesSource = AssistantTypes | Typed | { readonly POST: Typed };

/**
 * The types of a route, from the type of its handler or of one of its methods. Others can be added to them:
 *
 *     useAssistant<AssistantTypesOf<typeof handler> & { data: { weather: Weather } }>()
 */
export type AssistantTypesOf<Source extends AssistantTypesSource> = Source extends {
  readonly POST: infer Method extends Typed;
}
  ? AssistantTypesOf<Method>
  : Source extends { readonly '~types'?: infer Types extends AssistantTypes }
    ? Types
    : Source extends AssistantTypes
      ? Source
      : AssistantTypes;

type UIToolsOf<Tools extends AppTools> = {
  [Name in keyof Tools & string]: Tools[Name] extends Tool<infer Input, infer Output>
    ? { input: Input; output: [Output] extends [never] ? unknown : Output }
    : Tools[Name] extends UITool
      ? Tools[Name]
      : { input: unknown; output: unknown };
};

/** The tools that a message can show: the engine's own, and those of the app. */
export type ToolsOf<Types extends AssistantTypes> = Types extends { tools: infer Tools extends AppTools }
  ? string extends keyof Tools
    ? UITools
    : Pick<AssistantTools, 'code_interpreter'> & UIToolsOf<Tools>
  : UITools;

type DataOf<Types extends AssistantTypes> = Types extends { data: infer Data extends UIDataTypes }
  ? AssistantDataParts & Data
  : AssistantDataParts;

type MetadataOf<Types extends AssistantTypes> = AssistantMetadata &
  (Types extends { metadata: infer Metadata extends object } ? Metadata : object);

/** A message of the app's own kind. */
export type ChatMessageOf<Types extends AssistantTypes> = AssistantTypes extends Types
  ? ChatMessage
  : UIMessage<MetadataOf<Types>, DataOf<Types>, ToolsOf<Types>> & { content: string };

/** A call of one of the app's tools, told apart by `toolName`. */
export type ToolCallOf<Types extends AssistantTypes> = {
  [Name in keyof ToolsOf<Types> & string]: {
    toolCallId: string;
    toolName: Name;
    input: ToolsOf<Types>[Name]['input'];
    dynamic?: boolean;
  };
}[keyof ToolsOf<Types> & string];

/** What one of the app's tools has answered, or how it has failed. */
export type ToolOutputOf<Types extends AssistantTypes> = {
  [Name in keyof ToolsOf<Types> & string]:
    | {
        tool: Name;
        toolCallId: string;
        state?: 'output-available';
        output: ToolsOf<Types>[Name]['output'];
        errorText?: never;
      }
    | { tool: Name; toolCallId: string; state: 'output-error'; errorText: string; output?: never };
}[keyof ToolsOf<Types> & string];

/** How the output of one of the app's tools is given: `useChat`'s own type, for each stands where the other is asked for. */
export type AddToolOutputOf<Types extends AssistantTypes> = ChatAddToolOutputFunction<ChatMessageOf<Types>>;

/** A `data-*` chunk of the app's own kind, told apart by `type`. */
export type DataChunkOf<Types extends AssistantTypes> = {
  [Name in keyof DataOf<Types> & string]: {
    type: `data-${Name}`;
    id?: string;
    data: DataOf<Types>[Name];
    transient?: boolean;
  };
}[keyof DataOf<Types> & string];

/** How an answer of the app's own kind has ended. */
export interface FinishEventOf<Types extends AssistantTypes> extends Omit<
  FinishEvent,
  'message' | 'messages'
> {
  message: ChatMessageOf<Types>;
  messages: ChatMessageOf<Types>[];
}
