import type { LanguageModelV4CallOptions, LanguageModelV4Prompt } from '@ai-sdk/provider';
import type { Run, Usage } from '../wire.ts';
import { estimatePrompt, estimateText } from './token-estimate.ts';

/** A piece of the prompt that stays or goes as a whole: a message, or all that a run said and did. */
export interface PromptSection {
  messages: LanguageModelV4Prompt;
  /** Without it the model could not answer: instructions, the question, and what the run itself has done. */
  isNeeded: boolean;
}

/** About how many tokens the run's next prompt may have; no limit is infinity. */
export function promptBudget(run: Run, usage: Usage, tools: LanguageModelV4CallOptions['tools']): number {
  if (run.max_prompt_tokens === null) return Number.POSITIVE_INFINITY;
  return run.max_prompt_tokens - usage.prompt_tokens - (tools ? estimateText(JSON.stringify(tools)) : 0);
}

/**
 * The prompt, cut to the budget by leaving out the middle of the thread: how it began stays, if there is room, and as much
 * as there is room for of what came last. Undefined when not even what is needed fits.
 */
export function fitPrompt(sections: PromptSection[], budget: number): LanguageModelV4Prompt | undefined {
  const sizes = sections.map(({ messages }) => estimatePrompt(messages));
  const kept = new Set<number>();
  let left = budget;
  const keep = (index: number) => {
    kept.add(index);
    left -= sizes[index]!;
  };
  for (const [index, { isNeeded }] of sections.entries()) if (isNeeded) keep(index);
  if (left < 0) return undefined;

  const optional = [...sections.keys()].filter((index) => !kept.has(index));
  const first = optional[0];
  const whole = optional.reduce((sum, index) => sum + sizes[index]!, 0);
  // The beginning says what the thread is about, but what came last matters more: it gets half of the room at most.
  if (first !== undefined && (whole <= left || sizes[first]! <= left / 2)) keep(first);
  const recent: number[] = [];
  for (const index of optional.toReversed()) {
    if (kept.has(index)) continue;
    if (sizes[index]! > left) break;
    keep(index);
    recent.push(index);
  }
  // Some models refuse a conversation that begins with an answer.
  if (first !== undefined && !kept.has(first)) {
    for (const index of recent.toReversed()) {
      if (sections[index]!.messages[0]?.role === 'user') break;
      kept.delete(index);
    }
  }
  return sections.flatMap(({ messages }, index) => (kept.has(index) ? messages : []));
}
