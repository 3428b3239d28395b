/** What a search of the attached documents has found in one of them. */
export interface Passage {
  /** Its place among those of the search, which do not change. */
  place: number;
  filename: string;
  /** Empty when the server names the documents alone. */
  text: string;
}

/** The passages of a search, best first; what a server of another kind tells is passed over. */
export function passagesOf(output: unknown): Passage[] {
  const { results } = (output ?? {}) as { results?: unknown };
  if (!Array.isArray(results)) return [];
  return results.map((result: unknown, place) => {
    const { filename, text } = (result ?? {}) as { filename?: unknown; text?: unknown };
    return {
      place,
      filename: typeof filename === 'string' ? filename : 'a file',
      text: typeof text === 'string' ? tidy(text) : '',
    };
  });
}

/** Documents cut to pieces begin and end with space, and may have much of it inside. */
function tidy(text: string): string {
  return text.trim().replaceAll(/\n{3,}/g, '\n\n');
}
