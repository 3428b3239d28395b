import type { AssistantDataParts, AssistantMetadata, AssistantTools } from '@use-assistant/protocol';
import type { InferUITools, ToolSet, UIDataTypes, UIMessage, UITools } from 'ai';
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
  tools?: ToolSet;
}

/** The tools that a message can show: the engine's own, and those of the app. */
export type ToolsOf<Types extends AssistantTypes> = Types extends { tools: infer Tools extends ToolSet }
  ? Pick<AssistantTools, 'code_interpreter'> & InferUITools<Tools>
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
