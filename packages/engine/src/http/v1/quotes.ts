import type { Database, StepPrivate } from '../../storage/records.ts';

/** What a quote has at most; the passage that was found is longer. */
const maxLetters = 300;

/**
 * What citations quote, which only v1 says: the beginning of the passage that the marker names, such as `【1:0†guide.pdf】`.
 * Empty when there is none.
 */
export async function readQuotes(database: Database, threadId: string): Promise<(marker: string) => string> {
  const rows = await database
    .selectFrom('steps')
    .select('private')
    .where('thread_id', '=', threadId)
    .where('private', 'like', '%"search":%')
    .execute();
  const searches = new Map<number, string[]>();
  for (const row of rows) {
    for (const { search, result } of Object.values((JSON.parse(row.private) as StepPrivate).calls)) {
      if (search === undefined || result === undefined) continue;
      const { results } = JSON.parse(result) as { results?: { text: string }[] };
      searches.set(search, results?.map(({ text }) => text) ?? []);
    }
  }
  return (marker) => {
    const [, search, index] = /^【(\d+):(\d+)†/.exec(marker) ?? [];
    return shorten(searches.get(Number(search))?.[Number(index)] ?? '');
  };
}

/** Cut between words, and without a mark: a quote stands in the file as it is. */
function shorten(passage: string): string {
  const text = passage.trim();
  if (text.length <= maxLetters) return text;
  const cut = text.slice(0, maxLetters);
  const end = cut.search(/\s\S*$/);
  return (end > 0 ? cut.slice(0, end) : cut).toWellFormed();
}
