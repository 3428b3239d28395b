import { type Conversation } from './conversation.ts';
import type { Turn } from './turn.ts';
/** A program and what to make of what it prints. */
export interface PythonPlan {
    code: string;
    /** Composes the answer from what Python printed; undefined when the output is not what it should be. */
    answer: (output: string, files: string[]) => string | undefined;
}
/** Runs a program through the code interpreter, then answers from its output. */
export declare function withPython(conversation: Conversation, plan: PythonPlan): Turn;
/** A text as a Python string literal. JSON's escapes are Python's too; what could end a line is escaped. */
export declare function pythonString(text: string): string;
/** Output as it was printed, in a fence that it cannot close. */
export declare function showOutput(output: string): string;
/** A code fence longer than any run of backticks inside. */
export declare function fence(text: string, language?: string): string;
//# sourceMappingURL=with-python.d.ts.map