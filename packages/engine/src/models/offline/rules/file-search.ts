import { fileSearchName, type Conversation } from '../conversation.ts';
import { extensionOf } from '../sandbox-files.ts';
import type { Rule, Turn } from '../turn.ts';

/** Speaks of a document as of one that both know. */
const speaksOfDocument =
  /\b(?:the|this|that|these|those|my|our|your|attached|uploaded)\s+(?:[\w-]+\s+)?(?:documents?|files?|pdfs?|docx?|reports?|guides?|manuals?|papers?|articles?|contracts?|handbooks?|policy|policies|texts?|notes|uploads?|attachments?|pages?)\b|\baccording to\b/i;
const greeting =
  /^\W*(?:hi|hello|hey|good (?:morning|afternoon|evening)|greetings|thanks|thank you)\b\W*\w*\W*$/i;

/** A text that came with the question, or of which the question speaks: searched, and quoted with its markers. */
export const fileSearch: Rule = (conversation) => {
  const { canSearch, searchable, earlierSearchable, question } = conversation;
  if (!canSearch) return undefined;
  const asked = question.toLowerCase();
  const isAbout =
    searchable.some((name) => !['csv', 'tsv'].includes(extensionOf(name))) ||
    earlierSearchable.some((name) => asked.includes(name.toLowerCase())) ||
    speaksOfDocument.test(question) ||
    (conversation.mustCallTool && !conversation.canRunCode && conversation.functions.length === 0);
  return isAbout ? searchOrQuote(conversation) : undefined;
};

/** A question that no rule knows: perhaps the files do. */
export const anyFileSearch: Rule = (conversation) => {
  const { canSearch, question } = conversation;
  if (!canSearch || greeting.test(question) || tellingWords(question).length === 0) return undefined;
  const turn = searchOrQuote(conversation);
  return turn.calls || quotes(conversation).some(({ matches }) => matches > 0) ? turn : undefined;
};

function searchOrQuote(conversation: Conversation): Turn {
  const outcome = conversation.outcomes.find(({ toolName }) => toolName === fileSearchName);
  if (!outcome) {
    const query = conversation.question.slice(0, 1000) || conversation.searchable.join(' ');
    return { calls: [{ toolName: fileSearchName, input: { query } }] };
  }
  if (outcome.failure !== undefined) return { text: `The files could not be searched: ${outcome.failure}` };
  const found = quotes(conversation);
  if (found.length === 0) return { text: `I searched the files and found nothing. ${honesty}` };
  const best = found.filter(({ matches }) => matches > 0).slice(0, 3);
  const shown = best.length > 0 ? best : found.slice(0, 2);
  const names = [...new Set(shown.map(({ file }) => `**${file}**`))];
  const lead =
    best.length > 0
      ? `In ${names.join(' and ')} I found:`
      : `None of the words of your question stands in the files. This is how ${names.join(' and ')} ${names.length > 1 ? 'begin' : 'begins'}:`;
  const blocks = shown.map(({ text, citation }) => `> ${text.replaceAll('\n', '\n> ')} ${citation}`);
  return { text: [lead, ...blocks, honesty].join('\n\n') };
}

const honesty =
  'I am a handful of rules: I look for words and quote what has them, without understanding it. A real model does.';

interface Quote {
  text: string;
  /** How many words of the question stand in it. */
  matches: number;
  citation: string;
  file: string;
}

/** The best part of each passage, those with most words of the question first. */
function quotes({ outcomes, question }: Conversation): Quote[] {
  const words = tellingWords(question);
  const told = new Set<string>();
  return outcomes
    .filter(({ toolName }) => toolName === fileSearchName)
    .flatMap(({ value }) => readResults(value))
    .map(({ text, citation }): Quote => {
      const file = /†(.*)】$/.exec(citation)?.[1] ?? 'the file';
      // The file's name in the question says where to look, not for what.
      const name = tellingWords(file);
      const sought = words.filter((word) => !name.includes(word));
      const { text: part, matches } = bestPart(text, sought.length > 0 ? sought : words);
      return { text: part, matches, citation, file };
    })
    .filter(({ text }) => text !== '' && !told.has(text) && told.add(text))
    .sort((a, b) => b.matches - a.matches);
}

function readResults(value: unknown): { text: string; citation: string }[] {
  const { results } = (value ?? {}) as { results?: unknown };
  if (!Array.isArray(results)) return [];
  return results.filter(
    (each): each is { text: string; citation: string } =>
      typeof each?.text === 'string' && typeof each?.citation === 'string',
  );
}

const quoteLength = 400;

interface Sentence {
  text: string;
  isHeading: boolean;
}

/** The sentences and lines of a text, without the marks that Markdown puts before them. */
function toSentences(passage: string): Sentence[] {
  return passage
    .split(/\n+/)
    .flatMap((line) => {
      const isHeading = /^\s*#{1,6}\s/.test(line);
      const text = line.replace(/^\s*(?:#{1,6}|[-*+>])\s+/, '');
      return text.split(/(?<=[.!?。！？])\s+/).map((sentence) => ({ text: sentence.trim(), isHeading }));
    })
    .filter(({ text }) => text !== '');
}

/** The sentence with most of the words, rather than a heading, with what follows it as far as that is short. */
function bestPart(passage: string, words: string[]): { text: string; matches: number } {
  const sentences = toSentences(passage);
  const counts = sentences.map(({ text }) => {
    const own = tellingWords(text);
    return words.filter((word) => own.some((other) => other.startsWith(word) || word.startsWith(other)))
      .length;
  });
  const matches = Math.max(0, ...counts);
  const isBest = ({ isHeading }: Sentence, index: number) => counts[index] === matches && !isHeading;
  let at = sentences.findIndex(isBest);
  if (at < 0) at = counts.indexOf(matches);
  const first = sentences[at];
  if (first === undefined) return { text: '', matches };
  let text = first.isHeading ? `**${first.text}**` : first.text;
  for (const next of sentences.slice(at + 1)) {
    if (next.isHeading || text.length + next.text.length >= quoteLength / 2) break;
    text += ` ${next.text}`;
  }
  return { text: text.length > quoteLength ? `${text.slice(0, quoteLength).trimEnd()} …` : text, matches };
}

const common = new Set(
  `about also and any are can could did does document documents file files for from give had has have how into long much many
  please say says show some summarise summarize summary tell than that the their them then there these they this those was were
  what when where which who why will with would you your`.split(/\s+/),
);

/** Words that say what a text is about, cut to their beginnings: "returns" and "returned" are much the same. */
function tellingWords(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const telling = words.filter((word) => (word.length > 2 || /\d/.test(word)) && !common.has(word));
  return [...new Set(telling.map((word) => (word.length > 5 ? word.slice(0, 5) : word.replace(/s$/, ''))))];
}
