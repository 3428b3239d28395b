import type { CodeInterpreter, CodeRunResult } from '@use-assistant/interpreter';
import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { BlobStore } from '../storage/port.ts';
import { type Database } from '../storage/records.ts';
import { type FileObject } from '../wire.ts';
/** The name under which the model sees the tool. */
export declare const codeInterpreterName = 'code_interpreter';
/** A file that must lie under `/mnt/data` before code runs. */
export interface InputFile {
  id: string;
  name: string;
}
/** A file that code made, stored. */
export interface OutputFile {
  file: FileObject;
  sandboxName: string;
  isImage: boolean;
}
export interface CodeRun {
  result: CodeRunResult;
  files: OutputFile[];
}
/** The sessions of one interpreter, one for each thread, with files carried in and out. */
export declare class CodeSessions {
  #private;
  constructor(interpreter: () => CodeInterpreter, blobs: BlobStore);
  /** What the model should know of the Python it gets. */
  get description(): string;
  /** The tool as the model sees it. */
  tool(): LanguageModelV4FunctionTool;
  /** Runs code in the thread's session and stores the files it made. */
  run(
    origin: {
      threadId: string;
      runId: string;
    },
    code: string,
    inputs: InputFile[],
    options: {
      signal: AbortSignal;
      onOutput: (text: string) => void;
      database: Database;
    },
  ): Promise<CodeRun>;
  /** Ends the thread's session, if there is one. */
  closeSession(threadId: string): Promise<void>;
  /** Ends every session. */
  close(): Promise<void>;
}
/** What the model is told about a run of its code. */
export declare function toModelResult({ result, files }: CodeRun): string;
/** What people are shown of a run of code: all that it printed, its value, and why it ended early. */
export declare function toLogs(result: CodeRunResult): string;
//# sourceMappingURL=code-interpreter.d.ts.map
