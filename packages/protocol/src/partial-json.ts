import { parseJson } from './safe-json.ts';

const scalar = /[^\s,:"[\]{}]+/y;
const numberPrefix = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/;
const cutEscape = /\\(?:u[\da-fA-F]{0,3})?$/;

/** Reads JSON of which only the beginning may have arrived; undefined when nothing can be said yet. */
export function parsePartialJson(text: string): unknown {
  return tryParse(text) ?? tryParse(completeJson(text));
}

function tryParse(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Cuts JSON after the last place where it could end, and closes what is open there. */
function completeJson(text: string): string {
  const closers: string[] = [];
  let isKey = false;
  /** Everything before this index stays. Brackets always move it, so `closers` fits it. */
  let end = 0;
  let index = 0;
  const close = (kept: string) => kept + closers.toReversed().join('');

  while (index < text.length) {
    const character = text[index]!;
    if (character === '"') {
      const after = endOfString(text, index);
      if (after === -1)
        return close(isKey ? text.slice(0, end) : `${text.slice(0, index)}${openString(text, index)}"`);
      index = after;
      if (!isKey) end = after;
      continue;
    }
    if (character === '{' || character === '[') {
      closers.push(character === '{' ? '}' : ']');
      isKey = character === '{';
      end = index + 1;
    } else if (character === '}' || character === ']') {
      closers.pop();
      end = index + 1;
    } else if (character === ',') {
      isKey = closers.at(-1) === '}';
    } else if (character === ':') {
      isKey = false;
    } else {
      scalar.lastIndex = index;
      const word = scalar.exec(text)?.[0];
      if (word !== undefined) {
        index += word.length;
        if (index < text.length) {
          end = index;
          continue;
        }
        const completed = completeScalar(word);
        return close(completed === '' ? text.slice(0, end) : text.slice(0, index - word.length) + completed);
      }
    }
    index += 1;
  }
  return close(text.slice(0, end));
}

/** The index after the closing quote, or -1. */
function endOfString(text: string, start: number): number {
  let quote = text.indexOf('"', start + 1);
  while (quote !== -1) {
    let backslashes = 0;
    while (text[quote - 1 - backslashes] === '\\') backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
    quote = text.indexOf('"', quote + 1);
  }
  return -1;
}

/** A string without its end, and without a cut escape at its end. */
function openString(text: string, start: number): string {
  const body = text.slice(start);
  const escape = cutEscape.exec(body);
  if (!escape) return body;
  let backslashes = 0;
  while (body[escape.index - backslashes] === '\\') backslashes += 1;
  // An even number of backslashes is so many escaped backslashes, and what follows is plain text.
  return backslashes % 2 === 0 ? body : body.slice(0, escape.index);
}

function completeScalar(word: string): string {
  const literal = ['true', 'false', 'null'].find((name) => name.startsWith(word));
  return literal ?? numberPrefix.exec(word)?.[0] ?? '';
}
