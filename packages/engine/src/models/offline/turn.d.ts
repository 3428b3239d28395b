import type { JSONObject } from '@ai-sdk/provider';
import type { Conversation } from './conversation.ts';
/** A tool the model wants called. */
export interface PlannedCall {
    toolName: string;
    input: JSONObject;
}
/** What the model does next: it speaks, or it calls tools and waits for their results. */
export interface Turn {
    text?: string;
    calls?: PlannedCall[];
}
/** One thing the offline model knows how to do; undefined when the conversation does not ask for it. */
export type Rule = (conversation: Conversation) => Turn | undefined;
//# sourceMappingURL=turn.d.ts.map