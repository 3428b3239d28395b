import type { Rule } from '../turn.ts';
/** Function tools: the one whose name and description fit the question is called, as often as the question asks. */
export declare const tools: Rule;
//# sourceMappingURL=tools.d.ts.map