import type { Rule } from '../turn.ts';
/** What it says when no rule knows: what it can do, and how to have a real model instead. */
export declare const fallback: Rule;
//# sourceMappingURL=fallback.d.ts.map