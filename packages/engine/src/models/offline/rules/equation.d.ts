import type { Rule } from '../turn.ts';
/** Linear equations in one variable, anywhere in the question. */
export declare const equation: Rule;
//# sourceMappingURL=equation.d.ts.map