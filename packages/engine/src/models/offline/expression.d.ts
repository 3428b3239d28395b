import type { Token } from './math-text.ts';
/** A numeric expression. Python is written from this tree, never from the user's characters. */
export type Expression = {
    kind: 'number';
    digits: string;
} | {
    kind: 'name';
    name: string;
} | {
    kind: 'negate' | 'root' | 'percent';
    operand: Expression;
} | {
    kind: 'binary';
    operator: '+' | '-' | '*' | '/' | '^';
    left: Expression;
    right: Expression;
};
/** Reads tokens as one expression; undefined unless every token belongs to it. */
export declare function parseExpression(tokens: readonly Token[]): Expression | undefined;
/** The variables of an expression. */
export declare function namesOf(expression: Expression): Set<string>;
/** The degree in its variables; undefined when it is no polynomial (or none that exact fractions can hold). */
export declare function degreeOf(expression: Expression): number | undefined;
/** The value as a double, to keep absurd sizes away from Python; NaN where a variable stands. */
export declare function approximate(expression: Expression): number;
/** Whether a root or a power that is no whole number stands in it, so that fractions cannot hold its value. */
export declare function needsFloats(expression: Expression): boolean;
/** The digits of a whole number as Python takes them, which refuses `011`. */
export declare function wholeDigits(expression: Expression): string | undefined;
//# sourceMappingURL=expression.d.ts.map