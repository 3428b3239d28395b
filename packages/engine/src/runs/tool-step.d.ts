import type { InputFile } from '../tools/code-interpreter.ts';
import type { ProviderMetadata, StepPrivate } from '../storage/records.ts';
import { type FunctionCall, type FunctionStepCall, type RunStep, type Usage } from '../wire.ts';
import { type OpenStep, type OpenStepState, type RunScope } from './open-step.ts';
/** Writes one step of tool calls: all calls of one turn of the model. */
export declare class ToolStep implements OpenStep {
  #private;
  private constructor();
  /** Begins the step, still without calls. */
  static open(scope: RunScope, details: StepPrivate): Promise<ToolStep>;
  /** A call begins. `encoding` says whether its input streams as JSON or as the plain code. */
  beginCall(providerId: string, toolName: string, encoding?: 'json' | 'text'): void;
  /** A piece of the call's input, as the model writes it. */
  writeInput(providerId: string, fragment: string): void;
  /** The call's input is complete; what did not stream is added. */
  finishCall(providerId: string, toolName: string, input: string, metadata?: ProviderMetadata): void;
  /** Keeps text that came after the calls, until they are answered. */
  addTrailingText(text: string): void;
  get trailingText(): string | undefined;
  /**
   * Runs the hosted calls one after the other, and answers those that name no tool of the run. What is left are the
   * functions that the caller must answer.
   */
  answerHosted(options: {
    signal: AbortSignal;
    inputFiles: () => Promise<InputFile[]>;
    functionNames: ReadonlySet<string>;
  }): Promise<FunctionCall[]>;
  /** Ends the step. */
  complete(usage: Usage | null): Promise<void>;
  snapshot(): OpenStepState;
}
/** The calls of a step that wait for their caller. */
export declare function waitingCalls(step: RunStep): FunctionStepCall[];
//# sourceMappingURL=tool-step.d.ts.map
