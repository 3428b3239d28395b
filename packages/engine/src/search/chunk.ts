/** A piece of a text: `text` is exactly what stands at `start`. */
export interface Chunk {
  start: number;
  text: string;
}

export interface ChunkSize {
  /** Tokens that a chunk may have. */
  max: number;
  /** Tokens of the end of one chunk that the next one repeats. */
  overlap: number;
}

/** Scripts written without spaces between words. */
const unspaced = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}`;
const tokenPattern = new RegExp(String.raw`[${unspaced}]|[\p{L}\p{N}\p{M}_]+|[^\s]`, 'gu');
const unspacedPattern = new RegExp(`[${unspaced}]`, 'u');
const lettersPerToken = 6;

/**
 * About how many tokens a model reads a text as. Tokenizers differ; the rule of thumb is: a word is a token for every six
 * letters begun, a sign of a script without spaces one, a punctuation mark one. English comes to 1.3 tokens a word.
 */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const [word] of text.matchAll(tokenPattern)) tokens += Math.ceil(word.length / lettersPerToken);
  return tokens;
}

/** A sentence, a line, or a part of one that is too long. */
interface Unit {
  start: number;
  end: number;
  tokens: number;
  endsParagraph: boolean;
}

/**
 * Cuts a text into chunks, between sentences wherever one fits, and rather between paragraphs when one ends in the last
 * quarter. Lazy, so that whoever takes the chunks decides when others get their turn.
 */
export function* chunkText(text: string, size: ChunkSize): Generator<Chunk> {
  const source = units(text, size.max);
  let window: Unit[] = [];
  let tokens = 0;
  let next = source.next();
  for (;;) {
    while (!next.done && tokens + next.value.tokens <= size.max) {
      window.push(next.value);
      tokens += next.value.tokens;
      next = source.next();
    }
    if (window.length === 0) return;
    const isLast = next.done === true;
    const length = isLast ? window.length : cutBetweenParagraphs(window, tokens, size.max);
    const start = window[0]!.start;
    const piece = text.slice(start, window[length - 1]!.end);
    if (piece.trim() !== '') yield { start, text: piece };
    if (isLast) return;
    // The next chunk begins with the end of this one, and one unit further at least.
    let from = length;
    let repeated = 0;
    while (from > 1 && repeated + window[from - 1]!.tokens <= size.overlap) {
      from -= 1;
      repeated += window[from]!.tokens;
    }
    // What is repeated must leave room for something new.
    while (from < length && sum(window.slice(from)) + next.value!.tokens > size.max) from += 1;
    window = window.slice(from);
    tokens = sum(window);
  }
}

function cutBetweenParagraphs(window: Unit[], tokens: number, max: number): number {
  let upTo = tokens;
  for (let length = window.length; length > 0; length--) {
    if (upTo < max * 0.75) break;
    if (window[length - 1]!.endsParagraph) return length;
    upTo -= window[length - 1]!.tokens;
  }
  return window.length;
}

function sum(units: Unit[]): number {
  return units.reduce((total, unit) => total + unit.tokens, 0);
}

/** Ends of lines and sentences. Every repetition is bounded or ends the match: no text makes it slow. */
const boundary = /\n\s*|[.!?]["'”’)\]]{0,3}\s+|[。！？]/g;

function* units(text: string, max: number): Generator<Unit> {
  let start = 0;
  for (const match of text.matchAll(boundary)) {
    const end = match.index + match[0].length;
    yield* split(text, start, end, max, match[0].indexOf('\n') !== match[0].lastIndexOf('\n'));
    start = end;
  }
  if (start < text.length) yield* split(text, start, text.length, max, true);
}

/** The unit, cut between words where it alone would overflow a chunk. */
function* split(
  text: string,
  start: number,
  end: number,
  max: number,
  endsParagraph: boolean,
): Generator<Unit> {
  let from = start;
  let tokens = 0;
  // A piece is cut before the word that no longer fits.
  for (const match of text.slice(start, end).matchAll(tokenPattern)) {
    let at = start + match.index;
    let cost = Math.ceil(match[0].length / lettersPerToken);
    if (tokens > 0 && tokens + cost > max) {
      yield { start: from, end: at, tokens, endsParagraph: false };
      from = at;
      tokens = 0;
    }
    // A single word beyond every measure, such as encoded bytes.
    for (; cost > max; cost = Math.ceil((start + match.index + match[0].length - at) / lettersPerToken)) {
      at += max * lettersPerToken;
      if (isInsidePair(text, at)) at -= 1;
      yield { start: from, end: at, tokens: max, endsParagraph: false };
      from = at;
    }
    tokens += cost;
  }
  if (from < end) yield { start: from, end, tokens, endsParagraph };
}

function isInsidePair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}

/** The text as it is indexed: signs of scripts without spaces stand alone, so that parts of sentences are found. */
export function toIndexText(text: string): string {
  return unspacedPattern.test(text) ? text.replaceAll(new RegExp(`[${unspaced}]`, 'gu'), ' $& ') : text;
}
