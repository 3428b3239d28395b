import type { Conversation } from './conversation.ts';
import type { Turn } from './turn.ts';
/** The next turn. The same question finds the same rule, so a rule sees the results of its own calls. */
export declare function decide(conversation: Conversation): Turn;
//# sourceMappingURL=decide.d.ts.map