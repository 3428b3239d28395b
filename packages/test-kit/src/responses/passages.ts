/** A piece of a file that a search of the stand-in found, as OpenAI shows it. */
export interface Passage {
  file_id: string;
  filename: string;
  score: number;
  attributes: Record<string, unknown>;
  text: string;
}

interface SearchedFile {
  id: string;
  filename: string;
  bytes: Uint8Array;
  attributes: Record<string, unknown>;
}

/** The paragraphs of the files that have words of the query, best first; the score is the share of words they have. */
export function findPassages(files: SearchedFile[], query: string, threshold: number): Passage[] {
  const wanted = wordsOf(query);
  return files
    .flatMap(({ id, filename, bytes, attributes }) =>
      new TextDecoder()
        .decode(bytes)
        .split(/\n{2,}/)
        .map((text): Passage => {
          const words = new Set(wordsOf(text));
          const score = wanted.filter((word) => words.has(word)).length / Math.max(1, wanted.length);
          return { file_id: id, filename, score, attributes, text };
        }),
    )
    .filter(({ score }) => score > 0 && score >= threshold)
    .sort((a, b) => b.score - a.score);
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
