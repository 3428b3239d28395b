import { toIndexText } from './chunk.ts';

/** Terms of a query that are looked for; a query is a question, not a page. */
const maxTerms = 24;

const commonWords = new Set(
  `a about above according all also an and any are as at be been but by can could did do does document documents file files for
  from give had has have how i in into is it its me my of on or our please say says should so some tell than that the their
  them then there these they this those to was we were what when where which who whom why will with would you your`.split(
    /\s+/,
  ),
);

/** The terms of a query as phrases of FTS5, each once: words, and pairs of signs where words have no spaces. */
export function toPhrases(query: string): string[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
  const telling = words.filter((word) => !commonWords.has(word));
  const terms = telling.length > 0 ? telling : words;
  return [...new Set(terms.flatMap(toTerms))].slice(0, maxTerms).map((term) => `"${term}"`);
}

function toTerms(word: string): string[] {
  const signs = toIndexText(word).trim().split(/\s+/);
  if (signs.length < 2) return signs;
  return signs.slice(1).map((sign, index) => `${signs[index]} ${sign}`);
}
