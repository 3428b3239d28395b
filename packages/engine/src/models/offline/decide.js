import { arithmetic } from './rules/arithmetic.js';
import { equation } from './rules/equation.js';
import { fallback } from './rules/fallback.js';
import { files } from './rules/files.js';
import { python } from './rules/python.js';
import { table } from './rules/table.js';
import { tools } from './rules/tools.js';
/** The rules, most particular first; the first that has something to say decides. */
const rules = [python, equation, table, arithmetic, tools, files, fallback];
/** The next turn. The same question finds the same rule, so a rule sees the results of its own calls. */
export function decide(conversation) {
    for (const rule of rules) {
        const turn = rule(conversation);
        if (!turn)
            continue;
        // Whatever a rule says: the same call twice would be a run that goes round in circles.
        const made = new Set(conversation.outcomes.map(({ toolName, input }) => JSON.stringify([toolName, input])));
        if (turn.calls?.some(({ toolName, input }) => made.has(JSON.stringify([toolName, input]))))
            break;
        return turn;
    }
    return { text: 'The tools have answered, but I have no rule for what they said.' };
}
//# sourceMappingURL=decide.js.map