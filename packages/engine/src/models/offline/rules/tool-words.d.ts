import type { JSONSchema7, JSONValue, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
/** Words in lower case; `getRoomTemperature` and `get_room_temperature` have three. */
export declare function wordsOf(text: string): string[];
/** How well a tool fits a question; 0 when it does not. */
export declare function fitness(tool: LanguageModelV4FunctionTool, question: string): number;
/** The values that a parameter may have, as far as its schema lists them. */
export declare function choicesOf(schema: JSONSchema7): JSONValue[];
/** Where a choice stands in a text, word for word; -1 when it does not. */
export declare function placeOf(choice: JSONValue, text: string): number;
/** What a tool is about, to speak of it: `room temperature`. */
export declare function topicOf(toolName: string): string;
//# sourceMappingURL=tool-words.d.ts.map