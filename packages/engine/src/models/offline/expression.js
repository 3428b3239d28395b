/** Reads tokens as one expression; undefined unless every token belongs to it. */
export function parseExpression(tokens) {
    let position = 0;
    const symbol = (text) => {
        const token = tokens[position];
        if (token?.kind !== 'symbol' || token.text !== text)
            return false;
        position++;
        return true;
    };
    const sum = () => {
        let left = product();
        while (left) {
            const operator = symbol('+') ? '+' : symbol('-') ? '-' : undefined;
            if (!operator)
                break;
            const right = product();
            left = right && { kind: 'binary', operator, left, right };
        }
        return left;
    };
    const product = () => {
        let left = signed();
        while (left) {
            const operator = symbol('*') ? '*' : symbol('/') ? '/' : undefined;
            if (!operator && !juxtaposed())
                break;
            const right = operator ? signed() : power();
            left = right && { kind: 'binary', operator: operator ?? '*', left, right };
        }
        return left;
    };
    // `3x`, `2(x - 3)`, `(x + 1)(2)`, `2 sqrt(3)`; but two numbers side by side are not a product.
    const juxtaposed = () => {
        const token = tokens[position];
        return (token?.kind === 'name' || token?.kind === 'root' || (token?.kind === 'symbol' && token.text === '('));
    };
    const signed = () => {
        if (symbol('-')) {
            const operand = signed();
            return operand && { kind: 'negate', operand };
        }
        return symbol('+') ? signed() : power();
    };
    const power = () => {
        const base = atom();
        if (!base || !symbol('^'))
            return base;
        const right = signed();
        return right && { kind: 'binary', operator: '^', left: base, right };
    };
    const atom = () => {
        const token = tokens[position];
        let read;
        if (token?.kind === 'number') {
            position++;
            read = { kind: 'number', digits: token.text };
        }
        else if (token?.kind === 'name') {
            position++;
            read = { kind: 'name', name: token.text };
        }
        else if (token?.kind === 'root') {
            position++;
            const operand = atom();
            read = operand && { kind: 'root', operand };
        }
        else if (symbol('(')) {
            const inner = sum();
            read = symbol(')') ? inner : undefined;
        }
        return read && symbol('%') ? { kind: 'percent', operand: read } : read;
    };
    // Every recursion consumes a token, so this bounds its depth too.
    if (tokens.length > 200)
        return undefined;
    const whole = sum();
    return position === tokens.length ? whole : undefined;
}
/** The variables of an expression. */
export function namesOf(expression) {
    switch (expression.kind) {
        case 'number':
            return new Set();
        case 'name':
            return new Set([expression.name]);
        case 'binary':
            return new Set([...namesOf(expression.left), ...namesOf(expression.right)]);
        default:
            return namesOf(expression.operand);
    }
}
/** The degree in its variables; undefined when it is no polynomial (or none that exact fractions can hold). */
export function degreeOf(expression) {
    switch (expression.kind) {
        case 'number':
            return 0;
        case 'name':
            return 1;
        case 'negate':
        case 'percent':
            return degreeOf(expression.operand);
        case 'root':
            return undefined;
        case 'binary': {
            const left = degreeOf(expression.left);
            const right = degreeOf(expression.right);
            if (left === undefined || right === undefined)
                return undefined;
            if (expression.operator === '*')
                return left + right;
            if (expression.operator === '/')
                return right === 0 ? left : undefined;
            if (expression.operator !== '^')
                return Math.max(left, right);
            const { right: exponent } = expression;
            return exponent.kind === 'number' && /^\d{1,2}$/.test(exponent.digits)
                ? left * Number(exponent.digits)
                : undefined;
        }
    }
}
/** The value as a double, to keep absurd sizes away from Python; NaN where a variable stands. */
export function approximate(expression) {
    switch (expression.kind) {
        case 'number':
            return Number(expression.digits);
        case 'name':
            return Number.NaN;
        case 'negate':
            return -approximate(expression.operand);
        case 'root':
            return Math.sqrt(approximate(expression.operand));
        case 'percent':
            return approximate(expression.operand) / 100;
        case 'binary': {
            const left = approximate(expression.left);
            const right = approximate(expression.right);
            if (expression.operator === '+')
                return left + right;
            if (expression.operator === '-')
                return left - right;
            if (expression.operator === '*')
                return left * right;
            return expression.operator === '/' ? left / right : left ** right;
        }
    }
}
/** Whether a root or a power that is no whole number stands in it, so that fractions cannot hold its value. */
export function needsFloats(expression) {
    switch (expression.kind) {
        case 'number':
        case 'name':
            return false;
        case 'root':
            return true;
        case 'binary': {
            const { operator, left, right } = expression;
            return ((operator === '^' && wholeDigits(right) === undefined) || needsFloats(left) || needsFloats(right));
        }
        default:
            return needsFloats(expression.operand);
    }
}
/** The digits of a whole number as Python takes them, which refuses `011`. */
export function wholeDigits(expression) {
    if (expression.kind !== 'number' || !/^\d+$/.test(expression.digits))
        return undefined;
    return expression.digits.replace(/^0+(?=\d)/, '');
}
//# sourceMappingURL=expression.js.map