/** A numeric expression. Python is written from this tree, never from the user's characters. */
export type Expression =
  | { kind: 'number'; digits: string }
  | { kind: 'name'; name: string }
  | { kind: 'negate' | 'root' | 'percent'; operand: Expression }
  | { kind: 'binary'; operator: '+' | '-' | '*' | '/' | '^'; left: Expression; right: Expression };

/** A piece of text that may belong to an expression; `other` never does. */
export interface Token {
  kind: 'number' | 'name' | 'root' | 'symbol' | 'other';
  text: string;
  start: number;
  end: number;
}

/** Rewrites the notations of chats and textbooks as plain characters: `\frac{1}{2} \cdot x` becomes `((1)/(2)) * x`. */
export function plainMath(text: string): string {
  let plain = text
    .replace(/\\(?:left|right|displaystyle)(?![a-z])/g, '')
    .replace(/\\[,;:! ]/g, ' ')
    .replace(/\\(?:cdot|times)(?![a-z])/g, '*')
    .replace(/\\div(?![a-z])/g, '/')
    .replace(/\\sqrt(?![a-z[])/g, 'sqrt')
    .replace(/\\[()[\]]|\$/g, ' ; ')
    .replace(/[−–]/g, '-')
    .replace(/[×·⋅∙]/g, '*')
    .replace(/÷/g, '/')
    .replace(/½/g, '(1/2)')
    .replace(/¼/g, '(1/4)')
    .replace(/¾/g, '(3/4)')
    .replace(/²/g, '^2')
    .replace(/³/g, '^3')
    .replace(/√/g, 'sqrt');
  // The innermost fractions first; the count bounds what a hostile text can ask for.
  for (let depth = 0; depth < 8; depth++) {
    const next = plain.replace(/\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}/g, '(($1)/($2))');
    if (next === plain) break;
    plain = next;
  }
  return plain.replace(/\{/g, '(').replace(/\}/g, ')');
}

const tokenPattern =
  /(?<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:[.,]\d+)?|\.\d+)|(?<root>\bsqrt\b)|(?<word>[\p{L}_]+)|(?<symbol>\*\*|[-+*/^()%])|(?<other>\S|\n)/gu;

/** Splits plain text into tokens. White space within a line separates; a line break is an `other` token. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(tokenPattern)) {
    const { number, root, word, symbol } = match.groups!;
    let kind: Token['kind'] = 'other';
    let written = match[0];
    if (number !== undefined) {
      kind = 'number';
      const grouped = /^\d{1,3}(,\d{3})+(\.|$)/.test(number);
      written = grouped ? number.replaceAll(',', '') : number.replace(',', '.');
    } else if (root !== undefined) kind = 'root';
    else if (word !== undefined && /^[A-Za-z]$/.test(word)) kind = 'name';
    else if (symbol !== undefined) {
      kind = 'symbol';
      if (symbol === '**') written = '^';
    }
    tokens.push({ kind, text: written, start: match.index, end: match.index + match[0].length });
  }
  return tokens;
}

/** Reads tokens as one expression; undefined unless every token belongs to it. */
export function parseExpression(tokens: readonly Token[]): Expression | undefined {
  let position = 0;
  const symbol = (text: string): boolean => {
    const token = tokens[position];
    if (token?.kind !== 'symbol' || token.text !== text) return false;
    position++;
    return true;
  };

  const sum = (): Expression | undefined => {
    let left = product();
    while (left) {
      const operator = symbol('+') ? '+' : symbol('-') ? '-' : undefined;
      if (!operator) break;
      const right = product();
      left = right && { kind: 'binary', operator, left, right };
    }
    return left;
  };

  const product = (): Expression | undefined => {
    let left = signed();
    while (left) {
      const operator = symbol('*') ? '*' : symbol('/') ? '/' : undefined;
      if (!operator && !juxtaposed()) break;
      const right = operator ? signed() : power();
      left = right && { kind: 'binary', operator: operator ?? '*', left, right };
    }
    return left;
  };

  // `3x`, `2(x - 3)`, `(x + 1)(2)`, `2 sqrt(3)`; but two numbers side by side are not a product.
  const juxtaposed = (): boolean => {
    const token = tokens[position];
    return (
      token?.kind === 'name' || token?.kind === 'root' || (token?.kind === 'symbol' && token.text === '(')
    );
  };

  const signed = (): Expression | undefined => {
    if (symbol('-')) {
      const operand = signed();
      return operand && { kind: 'negate', operand };
    }
    return symbol('+') ? signed() : power();
  };

  const power = (): Expression | undefined => {
    const base = atom();
    if (!base || !symbol('^')) return base;
    const right = signed();
    return right && { kind: 'binary', operator: '^', left: base, right };
  };

  const atom = (): Expression | undefined => {
    const token = tokens[position];
    let read: Expression | undefined;
    if (token?.kind === 'number') {
      position++;
      read = { kind: 'number', digits: token.text };
    } else if (token?.kind === 'name') {
      position++;
      read = { kind: 'name', name: token.text };
    } else if (token?.kind === 'root') {
      position++;
      const operand = atom();
      read = operand && { kind: 'root', operand };
    } else if (symbol('(')) {
      const inner = sum();
      read = symbol(')') ? inner : undefined;
    }
    return read && symbol('%') ? { kind: 'percent', operand: read } : read;
  };

  // Every recursion consumes a token, so this bounds its depth too.
  if (tokens.length > 200) return undefined;
  const whole = sum();
  return position === tokens.length ? whole : undefined;
}

/** The variables of an expression. */
export function namesOf(expression: Expression): Set<string> {
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
export function degreeOf(expression: Expression): number | undefined {
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
      if (left === undefined || right === undefined) return undefined;
      if (expression.operator === '*') return left + right;
      if (expression.operator === '/') return right === 0 ? left : undefined;
      if (expression.operator !== '^') return Math.max(left, right);
      const { right: exponent } = expression;
      return exponent.kind === 'number' && /^\d{1,2}$/.test(exponent.digits)
        ? left * Number(exponent.digits)
        : undefined;
    }
  }
}

/** The value as a double, to keep absurd sizes away from Python; NaN where a variable stands. */
export function approximate(expression: Expression): number {
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
      if (expression.operator === '+') return left + right;
      if (expression.operator === '-') return left - right;
      if (expression.operator === '*') return left * right;
      return expression.operator === '/' ? left / right : left ** right;
    }
  }
}

/** Whether a root or a power that is no whole number stands in it, so that fractions cannot hold its value. */
export function needsFloats(expression: Expression): boolean {
  switch (expression.kind) {
    case 'number':
    case 'name':
      return false;
    case 'root':
      return true;
    case 'binary': {
      const { operator, left, right } = expression;
      return (
        (operator === '^' && wholeDigits(right) === undefined) || needsFloats(left) || needsFloats(right)
      );
    }
    default:
      return needsFloats(expression.operand);
  }
}

/**
 * Writes Python. Decimals and quotients of plain numbers become `Fraction`, so that nothing is rounded;
 * a quotient with a variable in it stays as it is, for the variable holds a `Fraction`.
 */
export function toPython(expression: Expression): string {
  return write(expression, 0);
}

const strength = { '+': 1, '-': 1, '*': 2, '/': 2, '^': 4 } as const;

function write(expression: Expression, outer: number): string {
  const { text, level } = writeBare(expression);
  return level < outer ? `(${text})` : text;
}

function writeBare(expression: Expression): { text: string; level: number } {
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

/** The digits of a whole number as Python takes them, which refuses `011`. */
function wholeDigits(expression: Expression): string | undefined {
  if (expression.kind !== 'number' || !/^\d+$/.test(expression.digits)) return undefined;
  return expression.digits.replace(/^0+(?=\d)/, '');
}
