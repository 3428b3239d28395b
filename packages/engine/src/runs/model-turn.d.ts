import type { LanguageModelV4, LanguageModelV4CallOptions } from '@ai-sdk/provider';
import type { Usage } from '../wire.ts';
import type { OpenStep, RunScope } from './open-step.ts';
import { ToolStep } from './tool-step.ts';
/** What a turn of the model left: its open tool step, if it called tools, and why it ended. */
export interface TurnResult {
  toolStep: ToolStep | undefined;
  finish: 'stop' | 'length' | 'content-filter' | 'error';
  usage: Usage;
  /** The model said nothing at all. */
  isEmpty: boolean;
}
/** Takes one turn of the model and records it: a message step, a tool step, or the one and then the other. */
export declare class ModelTurn {
  #private;
  constructor(scope: RunScope, turn: number);
  /** The step that is being written now. */
  get openStep(): OpenStep | undefined;
  take(model: LanguageModelV4, options: LanguageModelV4CallOptions, signal: AbortSignal): Promise<TurnResult>;
}
//# sourceMappingURL=model-turn.d.ts.map
