import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import type { RunPrivate } from '../storage/records.ts';
import type { Run } from '../wire.ts';
/** Whether the run may use Python. */
export declare function hasCodeInterpreter(run: Run): boolean;
/** Everything the model gets to see for the next turn of the run. */
export declare function buildPrompt(context: EngineContext, run: Run): Promise<LanguageModelV4Prompt>;
/** What of the run's settings a model can be given. */
export declare function buildCallOptions(
  context: EngineContext,
  run: Run,
  details: RunPrivate,
): Omit<LanguageModelV4CallOptions, 'prompt'>;
//# sourceMappingURL=prompt.d.ts.map
