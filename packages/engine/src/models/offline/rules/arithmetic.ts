import { approximate, namesOf, needsFloats, parseExpression, type Expression } from '../expression.ts';
import { toPython } from '../expression-to-python.ts';
import { plainMath, tokenize } from '../math-text.ts';
import type { Rule } from '../turn.ts';
import { pythonString, withPython } from '../with-python.ts';

// What people say around a question and its expression without asking anything by it.
const courtesy =
  /\b(?:and|so|then|now|next|also|but|well|ok|okay|hi|hello|hey|please|thanks|thank you|what about|how about|(?:can|could|would|will) you|equals?)\b/gi;
/** At the beginning of a clause, courtesies taken out. */
const asks =
  /(?:^|[,;:\n])\s*(?:what(?:'s|’s| is| are| does)|how much|calculate|compute|evaluate|work out|find|solve|simplify|tell me)\b/i;
const date = /^(?:19|20)\d\d-\d\d(?:-\d\d)?$/;
const lengthLimit = 300;

/** Sums, products, percentages, powers and square roots. */
export const arithmetic: Rule = (conversation) => {
  const { question } = conversation;
  const found = findExpression(inSymbols(plainMath(question.slice(0, 2000))));
  if (!found) return undefined;
  // In the middle of a story numbers are dates, versions and telephone numbers.
  if (!isAskedFor(found)) return undefined;
  const { expression, text } = found;

  const size = Math.abs(approximate(expression));
  if (size === Number.POSITIVE_INFINITY && !/\/\s*\(?0/.test(text)) {
    return { text: `\`${text}\` is larger than anything I want to write down here. Try smaller numbers.` };
  }
  return withPython(conversation, {
    code: program(expression, text),
    answer: (output) => {
      const exact = /^Result: (\S.*)$/m.exec(output)?.[1];
      const decimal = /^Decimal: (\S+)$/m.exec(output)?.[1];
      if (exact === undefined) return undefined;
      if (decimal === undefined) return `\`${text}\` is **${exact}**.`;
      return exact.includes('/') && !/[.,%]/.test(text)
        ? `\`${text}\` is **${exact}**, which is ${decimal} as a decimal.`
        : `\`${text}\` is **${decimal}**.`;
    },
  });
};

const words: [RegExp, string][] = [
  [/\b(?:the )?(?:square )?root of\b/gi, ' sqrt '],
  [/\bsquared\b/gi, '^2'],
  [/\bcubed\b/gi, '^3'],
  [/\b(?:raised )?to the power (?:of )?/gi, '^'],
  [/\bplus\b/gi, '+'],
  [/\bminus\b/gi, '-'],
  [/\b(?:times|multiplied by)\b/gi, '*'],
  [/(?<=\d\s*)x(?=\s*\d)/gi, '*'],
  [/\b(?:divided by|over)\b/gi, '/'],
  [/(?:%|\bper ?cent\b|\bpercent\b)\s+of\b/gi, '% *'],
  [/\b(?:percent|per cent)\b/gi, '%'],
  [/\bhalf of\b/gi, '1/2 *'],
];

function inSymbols(text: string): string {
  return words.reduce((current, [pattern, symbol]) => current.replace(pattern, symbol), text);
}

/** An expression and where it stands. */
interface Found {
  expression: Expression;
  text: string;
  before: string;
  after: string;
}

/** Whether the question is the expression, or asks what it is. */
function isAskedFor({ text, before, after }: Found): boolean {
  if (!/[\p{L}\d]/u.test(before + after)) return true;
  if (date.test(text)) return false;
  if (!/[\p{L}\d]/u.test((before + ' ; ' + after).replace(courtesy, ''))) return true;
  if (/\bwhat\s*$/i.test(before)) return /^\s*(?:is|are|makes?|equals?)\b/i.test(after);
  // The question mark of another question, the full stop of a story: what was asked before them is another matter.
  const sentence = before.split(/[.!?]\s+/).findLast((each) => /\p{L}/u.test(each.replace(courtesy, '')));
  return sentence !== undefined && asks.test(sentence.replace(courtesy, '').replace(/^[\s,]+/, ''));
}

/** The longest run of tokens that reads as an expression with something to work out in it. */
function findExpression(text: string): Found | undefined {
  const tokens = tokenize(text).slice(0, lengthLimit);
  for (let length = Math.min(tokens.length, 120); length >= 2; length--) {
    for (let start = 0; start + length <= tokens.length; start++) {
      const run = tokens.slice(start, start + length);
      if (run.some((token) => token.kind === 'other' || token.kind === 'name')) continue;
      const expression = parseExpression(run);
      if (!expression || namesOf(expression).size > 0 || !isWorkToDo(expression)) continue;
      const written = text.slice(run[0]!.start, run.at(-1)!.end).replace(/\s+/g, ' ');
      return {
        expression,
        text: written,
        before: text.slice(0, run[0]!.start),
        after: text.slice(run.at(-1)!.end),
      };
    }
  }
  return undefined;
}

function isWorkToDo(expression: Expression): boolean {
  if (expression.kind === 'negate') return isWorkToDo(expression.operand);
  return expression.kind !== 'number' && expression.kind !== 'percent';
}

function program(expression: Expression, text: string): string {
  const label = pythonString(text);
  if (needsFloats(expression)) {
    return `import math
from fractions import Fraction

# ${text}
result = float(${toPython(expression)})
print(${label}, "=", result)
print(f"Result: {result:.12g}")
`;
  }
  return `from fractions import Fraction

# ${text}, in exact fractions
result = Fraction(${toPython(expression)})
print(${label}, "=", result)
print(f"Result: {result}")
if result.denominator != 1:
    print(f"Decimal: {float(result):.12g}")
`;
}
