import type { Conversation } from './conversation.ts';
import { arithmetic } from './rules/arithmetic.ts';
import { equation } from './rules/equation.ts';
import { fallback } from './rules/fallback.ts';
import { anyFileSearch, fileSearch } from './rules/file-search.ts';
import { files } from './rules/files.ts';
import { python } from './rules/python.ts';
import { table } from './rules/table.ts';
import { tools } from './rules/tools.ts';
import type { Rule, Turn } from './turn.ts';

/** The rules, most particular first; the first that has something to say decides. */
const rules: readonly Rule[] = [
  python,
  equation,
  table,
  fileSearch,
  arithmetic,
  tools,
  files,
  anyFileSearch,
  fallback,
];

/** The next turn. The same question finds the same rule, so a rule sees the results of its own calls. */
export function decide(conversation: Conversation): Turn {
  for (const rule of rules) {
    const turn = rule(conversation);
    if (!turn) continue;
    // Whatever a rule says: the same call twice would be a run that goes round in circles.
    const made = new Set(
      conversation.outcomes.map(({ toolName, input }) => JSON.stringify([toolName, input])),
    );
    if (turn.calls?.some(({ toolName, input }) => made.has(JSON.stringify([toolName, input])))) break;
    return turn;
  }
  return { text: 'The tools have answered, but I have no rule for what they said.' };
}
