import type { Database, StepPrivate } from '../storage/records.ts';
import type { Annotation, RunStep } from '../wire.ts';

/** Bounded throughout, so that no text makes it slow. */
const marker = /【(\d{1,6}):(\d{1,3})†[^【】]{0,300}】/g;

/**
 * The markers of a text that name passages which a search of the thread found, such as `【1:0†guide.pdf】`: each becomes an
 * annotation with the passage's file. Costs nothing for a text without one.
 */
export async function citeFiles(database: Database, threadId: string, text: string): Promise<Annotation[]> {
  const markers = text.includes('【') ? [...text.matchAll(marker)] : [];
  if (markers.length === 0) return [];
  const searches = await readSearches(database, threadId);
  return markers.flatMap((match): Annotation[] => {
    const fileId = searches.get(Number(match[1]))?.[Number(match[2])];
    if (fileId === undefined) return [];
    const [written] = match;
    return [
      {
        type: 'file_citation',
        text: written,
        start_index: match.index,
        end_index: match.index + written.length,
        file_citation: { file_id: fileId },
      },
    ];
  });
}

/** The number of the thread's next search: what its markers begin with. */
export async function nextSearchNumber(database: Database, threadId: string): Promise<number> {
  return Math.max(0, ...(await readSearches(database, threadId)).keys()) + 1;
}

/** The files that each search of the thread found, in the order of its passages. */
async function readSearches(database: Database, threadId: string): Promise<Map<number, string[]>> {
  const rows = await database
    .selectFrom('steps')
    .select(['body', 'private'])
    .where('thread_id', '=', threadId)
    .where('private', 'like', '%"search":%')
    .execute();
  const searches = new Map<number, string[]>();
  for (const row of rows) {
    const { step_details: step } = JSON.parse(row.body) as RunStep;
    const { calls } = JSON.parse(row.private) as StepPrivate;
    if (step.type !== 'tool_calls') continue;
    for (const call of step.tool_calls) {
      const number = calls[call.id]?.search;
      if (call.type !== 'file_search' || number === undefined) continue;
      searches.set(number, call.file_search.results?.map(({ file_id }) => file_id) ?? []);
    }
  }
  return searches;
}
