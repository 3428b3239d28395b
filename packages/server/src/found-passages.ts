/** A passage that a search of files has found, as the browser is told of it. */
export interface FoundPassage {
  filename: string;
  /** From 0 to 1. */
  score: number;
  /** What stands there, if the server was asked to say so; long ones are cut. */
  text?: string;
}

/** The query of requests whose searches shall say what they have found. */
export const passages = 'step_details.tool_calls[*].file_search.results[*].content' as const;

/** How many characters one passage may have, and all of a search. They are there to be glanced at, not to be kept. */
const longestPassage = 2000;
const longestSearch = 16_000;

/** The output of a search. */
export function toSearchOutput(
  found: readonly { filename: string; score: number; text: string | undefined }[],
): { results: FoundPassage[] } {
  let left = longestSearch;
  const results = found.map(({ filename, score, text }): FoundPassage => {
    if (!text || left === 0) return { filename, score };
    const shown = cut(text, Math.min(longestPassage, left));
    left = Math.max(0, left - shown.length);
    return { filename, score, text: shown };
  });
  return { results };
}

function cut(text: string, length: number): string {
  // Not through the middle of a character.
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
