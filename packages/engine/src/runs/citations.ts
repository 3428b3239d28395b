import type { Database, StepPrivate } from '../storage/records.ts';
import { toMarker } from '../tools/file-search.ts';
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
    const fileId = searches.get(Number(match[1]))?.[Number(match[2])]?.file_id;
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

/** The markers of the files that searches of the thread found, by id: of the best passage of the last search with it. */
export async function listMarkers(database: Database, threadId: string): Promise<Map<string, string>> {
  const markers = new Map<string, string>();
  const searches = [...(await readSearches(database, threadId))].sort(([a], [b]) => a - b);
  for (const [number, results] of searches) {
    for (const [index, { file_id, file_name }] of [...results.entries()].toReversed()) {
      markers.set(file_id, toMarker(number, index, file_name));
    }
  }
  return markers;
}

/** What each search of the thread found, in the order of its passages. */
async function readSearches(
  database: Database,
  threadId: string,
): Promise<Map<number, { file_id: string; file_name: string }[]>> {
  const rows = await database
    .selectFrom('steps')
    .select(['body', 'private'])
    .where('thread_id', '=', threadId)
    .where('private', 'like', '%"search":%')
    .execute();
  const searches = new Map<number, { file_id: string; file_name: string }[]>();
  for (const row of rows) {
    const { step_details: step } = JSON.parse(row.body) as RunStep;
    const { calls } = JSON.parse(row.private) as StepPrivate;
    if (step.type !== 'tool_calls') continue;
    for (const call of step.tool_calls) {
      const number = calls[call.id]?.search;
      if (call.type !== 'file_search' || number === undefined) continue;
      searches.set(number, call.file_search.results ?? []);
    }
  }
  return searches;
}
