import type { JSONValue, LanguageModelV4CallOptions, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
/** The names under which the engine offers its own tools. */
export declare const codeInterpreterName = "code_interpreter";
export declare const fileSearchName = "file_search";
/** What became of one tool call of the turn that is being answered. */
export interface ToolOutcome {
    toolName: string;
    input: unknown;
    value: JSONValue;
    /** Why there is no value, when the tool failed or was refused. */
    failure?: string;
}
/** A prompt, read for what the rules need. */
export interface Conversation {
    /** What the user asks now, without the list of attached files. */
    question: string;
    /** The names of the files that came with the question, as they lie below `/mnt/data`. */
    files: string[];
    /** The names of the files of earlier questions, newest first. */
    earlierFiles: string[];
    /** The function tools offered, other than the engine's own. */
    functions: LanguageModelV4FunctionTool[];
    canRunCode: boolean;
    /** Whether the caller insists on a tool call. */
    mustCallTool: boolean;
    /** How many calls one turn may make. */
    callLimit: number;
    /** The results since the question, in the order of their calls. */
    outcomes: ToolOutcome[];
}
/** Reads the options of a model call. Nothing is remembered between calls: the prompt is all there is. */
export declare function readConversation(options: LanguageModelV4CallOptions): Conversation;
//# sourceMappingURL=conversation.d.ts.map