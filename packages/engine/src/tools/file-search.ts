import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import type { EngineContext } from '../engine-context.ts';
import { countTokens } from '../search/chunk.ts';
import { findOpenings, loadChunks } from '../search/index.ts';
import type { Hit } from '../search/rank.ts';
import { searchStores } from '../search/search.ts';
import { findObject, type Database, type StepPrivate } from '../storage/records.ts';
import type { FileSearchStepCall, Run, RunStep } from '../wire.ts';

/** The name under which the model sees the tool. */
export const fileSearchName = 'file_search';

const defaultResults = 20;
/** Tokens of passages that the model is given at a time. */
const tokenBudget = 16_000;
/** Passages shown when no word of the query is found: the beginnings of the files, by which a model can orient itself. */
const openingResults = 5;
const ranker = 'default_2024_08_21';

type FileSearchTool = Extract<Run['tools'][number], { type: 'file_search' }>;
/** How the caller wants the files to be searched. */
export type FileSearchSettings = NonNullable<FileSearchTool['file_search']>;

/** Whether the run may search files. */
export function hasFileSearch(run: Run): boolean {
  return run.tools.some((tool) => tool.type === 'file_search');
}

/** How the run's caller wants the files to be searched. */
export function searchSettings(run: Run): FileSearchSettings | undefined {
  return run.tools.find((tool): tool is FileSearchTool => tool.type === 'file_search')?.file_search;
}

/** The tool as the model sees it. */
export function fileSearchTool(): LanguageModelV4FunctionTool {
  return {
    type: 'function',
    name: fileSearchName,
    description: 'Searches the files of the user and answers with the passages that fit, best first.',
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'What to look for, in the words of the files.' } },
      required: ['query'],
      additionalProperties: false,
    },
  };
}

/** What the model is told about the tool, beside its own description. */
export const fileSearchInstructions =
  `You can search the files of the user with the tool \`${fileSearchName}\`. Each passage it finds has a marker such as ` +
  '【1:0†guide.pdf】. Put the marker, letter by letter, right behind every statement that rests on the passage.';

/** The query in the arguments as the model wrote them. */
export function parseQuery(input: string): string | undefined {
  try {
    const { query } = JSON.parse(input) as { query?: unknown };
    return typeof query === 'string' && query.trim() !== '' ? query : undefined;
  } catch {
    return undefined;
  }
}

/** The stores of a run: its assistant's and its thread's. */
export async function listStores(
  database: Database,
  run: Run,
): Promise<{ ofAssistant: string[]; ofThread: string[] }> {
  const [assistant, thread] = await Promise.all([
    findObject(database, 'assistants', run.assistant_id),
    findObject(database, 'threads', run.thread_id),
  ]);
  const of = (owner: typeof assistant | typeof thread) =>
    owner?.tool_resources?.file_search?.vector_store_ids ?? [];
  return { ofAssistant: of(assistant), ofThread: of(thread) };
}

/** What a search came to: what the step shows, and what the model is told. */
export interface FileSearch {
  shown: FileSearchStepCall['file_search'];
  result: string;
}

/**
 * Searches the files of a run. `number` is the search's own within the thread, the first half of each marker: so a marker
 * that is repeated much later still names its file.
 */
export async function searchFiles(
  context: EngineContext,
  run: Run,
  query: string,
  number: number,
  signal: AbortSignal,
): Promise<FileSearch> {
  const { ofAssistant, ofThread } = await listStores(context.database, run);
  const storeIds = [...new Set([...ofAssistant, ...ofThread])];
  const settings = searchSettings(run);
  const limit = settings?.max_num_results ?? defaultResults;
  const threshold = settings?.ranking_options?.score_threshold ?? 0;
  let hits = await searchStores(context, storeIds, [query], { limit, threshold, signal });
  if (hits.length === 0 && threshold === 0) {
    hits = await openings(context.database, storeIds, Math.min(limit, openingResults));
  }
  return toFileSearch(run, withinBudget(hits), number);
}

/** A search that found these passages. */
export function toFileSearch(
  run: Run,
  found: { fileId: string; filename: string; score: number; text: string }[],
  number: number,
): FileSearch {
  return {
    shown: {
      ranking_options: {
        ranker,
        score_threshold: searchSettings(run)?.ranking_options?.score_threshold ?? 0,
      },
      results: found.map(({ fileId, filename, score }) => ({
        file_id: fileId,
        file_name: filename,
        score,
      })),
    },
    result: JSON.stringify({
      results: found.map(({ filename, text }, index) => ({
        citation: toMarker(number, index, filename),
        text,
      })),
      ...(found.length === 0 && { note: 'No passage was found.' }),
    }),
  };
}

/** What is told of a call whose arguments are none. */
export function failedSearch(): FileSearch {
  const note = 'The arguments were not a JSON object with a string "query".';
  return {
    shown: { ranking_options: { ranker, score_threshold: 0 }, results: [] },
    result: JSON.stringify({ results: [], note }),
  };
}

/** The step with the passages that its searches found, which the wire shows only when it is asked for them. */
export function withContent(step: RunStep, details: StepPrivate): RunStep {
  if (step.step_details.type !== 'tool_calls') return step;
  const calls = step.step_details.tool_calls.map((call) => {
    const told = call.type === 'file_search' ? details.calls[call.id]?.result : undefined;
    if (call.type !== 'file_search' || told === undefined) return call;
    const { results: passages } = JSON.parse(told) as { results: { text: string }[] };
    const results = call.file_search.results?.map((result, index) => ({
      ...result,
      content: [{ type: 'text' as const, text: passages[index]?.text ?? '' }],
    }));
    return { ...call, file_search: { ...call.file_search, ...(results && { results }) } };
  });
  return { ...step, step_details: { type: 'tool_calls', tool_calls: calls } };
}

/** What names a passage in a text: the number of the search, and the passage's own in it. */
export function toMarker(number: number, index: number, filename: string): string {
  return `【${number}:${index}†${filename.replaceAll(/[【】†]/g, ' ')}】`;
}

async function openings(database: Database, storeIds: string[], limit: number): Promise<Hit[]> {
  const ids = await findOpenings(database, { storeIds }, limit);
  const chunks = await loadChunks(database, ids);
  return ids.flatMap((id) => {
    const chunk = chunks.get(id);
    return chunk ? [{ ...chunk, score: 0 }] : [];
  });
}

/** As many of the best as the model is given at a time; the first is given in any case. */
function withinBudget(hits: Hit[]): Hit[] {
  let tokens = 0;
  return hits.filter(({ text }, index) => {
    tokens += countTokens(text);
    return index === 0 || tokens <= tokenBudget;
  });
}
