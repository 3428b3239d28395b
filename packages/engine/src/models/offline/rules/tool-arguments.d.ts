import type { JSONObject, LanguageModelV4FunctionTool } from '@ai-sdk/provider';
/** The inputs of the calls that a question asks for, or the argument it leaves open. */
export type Arguments = {
    inputs: JSONObject[];
} | {
    missing: string;
    choices: string[];
};
/** Fills a tool's parameters from the question; a question about several things makes several calls. */
export declare function readArguments(tool: LanguageModelV4FunctionTool, question: string): Arguments;
//# sourceMappingURL=tool-arguments.d.ts.map