import type { Rule } from '../turn.ts';
/** Sums, products, percentages, powers and square roots. */
export declare const arithmetic: Rule;
//# sourceMappingURL=arithmetic.d.ts.map