import { degreeOf, namesOf, parseExpression, type Expression } from '../expression.ts';
import { toPython } from '../expression-to-python.ts';
import { plainMath, tokenize, type Token } from '../math-text.ts';
import type { Rule } from '../turn.ts';
import { withPython } from '../with-python.ts';

interface Equation {
  /** As the user wrote it. */
  text: string;
  left: Expression;
  right: Expression;
}

// Bounds on what a hostile text can make this rule try.
const equalsLimit = 12;
const sideLimit = 40;

/** Linear equations in one variable, anywhere in the question. */
export const equation: Rule = (conversation) => {
  const text = plainMath(conversation.question.slice(0, 4000));
  const candidates = findEquations(text);
  const isAsked = /\b(solve|solution|equations?|find|what is)\b/i.test(text);
  const linear = candidates.find(
    (candidate) => isLinear(candidate) && (isAsked || isPuzzle(candidate, text)),
  );
  if (linear) {
    const [variable] = [...namesOf(linear.left), ...namesOf(linear.right)];
    return withPython(conversation, {
      code: program(linear, variable!),
      answer: (output) => explain(output, linear, variable!),
    });
  }
  const other = candidates.find(({ left, right }) => namesOf(left).size + namesOf(right).size > 0);
  if (!other || !/\b(solve|solution|equations?|find|what is)\b/i.test(conversation.question))
    return undefined;
  return { text: refuse(other) };
};

/** Around each equals sign, the longest texts left and right of it that read as expressions. */
function findEquations(text: string): Equation[] {
  const tokens = tokenize(text);
  const found: Equation[] = [];
  let looked = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.text !== '=' || looked === equalsLimit) continue;
    looked++;
    let first = index;
    while (index - first < sideLimit && tokens[first - 1] && tokens[first - 1]!.kind !== 'other') first--;
    let last = index;
    while (last - index < sideLimit && tokens[last + 1] && tokens[last + 1]!.kind !== 'other') last++;

    // The longest reading, and the one without a lone letter at its outer end: the article of "solve a 3x = 6",
    // the unknown of "solve for x 2x = 4".
    const lefts = range(first, index - 1).flatMap((start) => {
      const side = parseExpression(tokens.slice(start, index));
      return side ? [{ start, side }] : [];
    });
    const rights = range(index + 1, last).flatMap((end) => {
      const side = parseExpression(tokens.slice(index + 1, end + 1));
      return side ? [{ end, side }] : [];
    });
    const left = lefts[0];
    const right = rights.at(-1);
    if (!left || !right) continue;
    const shorterLeft =
      isLoneLetter(text, tokens, left.start) && lefts.find(({ start }) => start === left.start + 1);
    const shorterRight =
      isLoneLetter(text, tokens, right.end) && rights.find(({ end }) => end === right.end - 1);
    const readings = [left, shorterLeft || left].flatMap((from) =>
      [right, shorterRight || right].map((to) => ({
        text: text.slice(tokens[from.start]!.start, tokens[to.end]!.end).replace(/\s+/g, ' '),
        left: from.side,
        right: to.side,
      })),
    );
    found.push(readings.find(isLinear) ?? readings[0]!);
  }
  return found;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset);
}

function isLoneLetter(text: string, tokens: readonly Token[], index: number): boolean {
  const { kind, start, end } = tokens[index]!;
  return kind === 'name' && !/[\w)]/.test((text[start - 1] ?? '') + (text[end] ?? ''));
}

function isLinear({ left, right }: Equation): boolean {
  const names = new Set([...namesOf(left), ...namesOf(right)]);
  const degrees = [degreeOf(left), degreeOf(right)];
  return names.size === 1 && degrees.every((degree) => degree !== undefined && degree <= 1);
}

/** `x = 5` in a program or an address asks for nothing; alone, or with something to work out, it does. */
function isPuzzle({ text, left }: Equation, question: string): boolean {
  return left.kind !== 'name' || !/[\p{L}\d]/u.test(question.replace(text, ''));
}

function refuse({ text, left, right }: Equation): string {
  const names = [...new Set([...namesOf(left), ...namesOf(right)])];
  const reason =
    names.length > 1
      ? `it has ${names.length} unknowns (${names.join(', ')})`
      : `the unknown ${names[0]} does not stand in it to the first power only`;
  return `I found the equation \`${text}\`, but ${reason}. As the offline model I only solve linear equations in one unknown; a real model can do more.`;
}

function program({ text, left, right }: Equation, variable: string): string {
  return `from fractions import Fraction

# The equation: ${text}
def left(${variable}):
    return ${toPython(left)}

def right(${variable}):
    return ${toPython(right)}

# Each side is a straight line: slope * ${variable} + constant.
def line(side):
    constant = Fraction(side(Fraction(0)))
    return side(Fraction(1)) - constant, constant

left_slope, left_constant = line(left)
right_slope, right_constant = line(right)
print(f"Left side: {left_slope} * ${variable} + {left_constant}")
print(f"Right side: {right_slope} * ${variable} + {right_constant}")

# All ${variable} to the left, all numbers to the right.
slope = left_slope - right_slope
constant = right_constant - left_constant
print(f"Collected: {slope} * ${variable} = {constant}")

if slope != 0:
    solution = constant / slope
    print(f"Solution: ${variable} = {solution}, about {float(solution):.10g}")
    print(f"Check: left side {left(solution)}, right side {right(solution)}")
elif constant == 0:
    print("Every number is a solution.")
else:
    print("No number is a solution.")
`;
}

const printed = {
  side: /^(Left|Right) side: (\S+) \* \w \+ (\S+)$/m,
  collected: /^Collected: (\S+) \* \w = (\S+)$/m,
  solution: /^Solution: \w = (\S+), about (\S+)$/m,
  check: /^Check: left side (\S+), right side (\S+)$/m,
};

/** Retells the printed steps; nothing here computes. */
function explain(output: string, { text }: Equation, variable: string): string | undefined {
  const left = printed.side.exec(output);
  const right = printed.side.exec(output.replace(/^Left side.*$/m, ''));
  const collected = printed.collected.exec(output);
  if (!left || !right || !collected) return undefined;
  const [slope, constant] = [collected[1]!, collected[2]!];
  const sides = `${line(left[2]!, left[3]!, variable)} = ${line(right[2]!, right[3]!, variable)}`;
  const steps: string[] = [];
  if (squeeze(sides) !== squeeze(text)) steps.push(`Simplify both sides: \`${sides}\``);
  const together = `${line(slope, '0', variable)} = ${constant}`;

  const solution = printed.solution.exec(output);
  if (!solution) {
    steps.push(`${moveTerms(left[3]!, right[2]!, variable) ?? 'Look at what is left'}: \`0 = ${constant}\``);
    const every = output.includes('Every number');
    return [
      `Let us solve \`${text}\`.`,
      list(steps),
      every
        ? `That is always true, whatever ${variable} is. **Every number is a solution.**`
        : `That is never true, whatever ${variable} is. **There is no solution.**`,
    ].join('\n\n');
  }
  const value = solution[1]!;
  const moves = moveTerms(left[3]!, right[2]!, variable);
  if (moves) {
    const purpose =
      slope === '1' ? `${variable} stands alone` : `only the term with ${variable} stays on the left`;
    steps.push(`${moves}, so that ${purpose}: \`${together}\``);
  }
  if (slope !== '1') {
    steps.push(`Divide both sides by ${slope}, so that ${variable} stands alone: \`${variable} = ${value}\``);
  }
  if (steps.length === 0) steps.push(`Nothing is left to do: ${variable} already stands alone.`);
  const check = printed.check.exec(output);
  return [
    `Let us solve \`${text}\`, step by step. What is done to one side is done to the other too, so they stay equal.`,
    list(steps),
    check &&
      `Check: with ${variable} = ${value} the left side is ${check[1]} and the right side is ${check[2]}.`,
    `So the solution is **${variable} = ${value}**${value.includes('/') ? ` (${asDecimal(value, solution[2]!)})` : ''}`,
  ]
    .filter(Boolean)
    .join('\n\n');
}

/** What to do to both sides so that the unknown stands left and the number right. */
function moveTerms(leftConstant: string, rightSlope: string, variable: string): string | undefined {
  const moves: string[] = [];
  for (const [term, isNegative] of [
    [line(rightSlope.replace('-', ''), '0', variable), rightSlope.startsWith('-')],
    [leftConstant.replace('-', ''), leftConstant.startsWith('-')],
  ] as const) {
    if (term !== '0')
      moves.push(isNegative ? `add ${term} to both sides` : `subtract ${term} from both sides`);
  }
  const sentence = moves.join(', ');
  return sentence ? sentence[0]!.toUpperCase() + sentence.slice(1) : undefined;
}

function list(steps: string[]): string {
  return steps.map((step, index) => `${index + 1}. ${step}`).join('\n');
}

/** `3` and `11` as `3x + 11`. */
function line(slope: string, constant: string, variable: string): string {
  const coefficient = slope === '1' ? '' : slope === '-1' ? '-' : slope.includes('/') ? `(${slope})` : slope;
  const term = slope === '0' ? '' : `${coefficient}${variable}`;
  if (constant === '0') return term || '0';
  if (!term) return constant;
  return constant.startsWith('-') ? `${term} - ${constant.slice(1)}` : `${term} + ${constant}`;
}

function squeeze(text: string): string {
  return text.replace(/[\s*]/g, '');
}

/** Ten digits are the whole truth only when the denominator is made of twos and fives. */
function asDecimal(fraction: string, decimal: string): string {
  let denominator = BigInt(fraction.split('/')[1]!);
  for (const factor of [2n, 5n]) while (denominator % factor === 0n) denominator /= factor;
  const isExact = denominator === 1n && decimal.replace(/\D/g, '').length < 10;
  return `${isExact ? '=' : '≈'} ${decimal}`;
}
