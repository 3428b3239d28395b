import { namesOf, wholeDigits } from './expression.js';
/**
 * Writes Python. Decimals and quotients of plain numbers become `Fraction`, so that nothing is rounded;
 * a quotient with a variable in it stays as it is, for the variable holds a `Fraction`.
 */
export function toPython(expression) {
    return write(expression, 0);
}
const strength = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 };
function write(expression, outer) {
    const { text, level } = writeBare(expression);
    return level < outer ? `(${text})` : text;
}
function writeBare(expression) {
    switch (expression.kind) {
        case 'number':
            return { text: wholeDigits(expression) ?? `Fraction("${expression.digits}")`, level: 9 };
        case 'name':
            return { text: expression.name, level: 9 };
        case 'negate':
            return { text: `-${write(expression.operand, 3)}`, level: 1 };
        case 'root':
            return { text: `math.sqrt(${write(expression.operand, 0)})`, level: 9 };
        case 'percent':
            return { text: `Fraction(${write(expression.operand, 0)}) / 100`, level: 2 };
        case 'binary': {
            const { operator, left, right } = expression;
            const level = strength[operator];
            const [over, under] = [wholeDigits(left), wholeDigits(right)];
            if (operator === '/' && over !== undefined && under !== undefined) {
                return { text: `Fraction(${over}, ${under})`, level: 9 };
            }
            if (operator === '/' && namesOf(left).size === 0) {
                return { text: `Fraction(${write(left, 0)}) / ${write(right, level + 1)}`, level };
            }
            const written = operator === '^' ? '**' : operator;
            return {
                text: `${write(left, operator === '^' ? 5 : level)} ${written} ${write(right, operator === '^' ? 5 : level + 1)}`,
                level,
            };
        }
    }
}
//# sourceMappingURL=expression-to-python.js.map