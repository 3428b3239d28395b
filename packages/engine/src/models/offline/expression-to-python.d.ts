import { type Expression } from './expression.ts';
/**
 * Writes Python. Decimals and quotients of plain numbers become `Fraction`, so that nothing is rounded;
 * a quotient with a variable in it stays as it is, for the variable holds a `Fraction`.
 */
export declare function toPython(expression: Expression): string;
//# sourceMappingURL=expression-to-python.d.ts.map