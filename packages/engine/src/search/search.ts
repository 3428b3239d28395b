import type { EngineContext } from '../engine-context.ts';
import type { AttributeFilter, Attributes } from '../vector-store-wire.ts';
import { meetsFilter } from './filter.ts';
import { rankChunks, type Hit, type RankOptions } from './rank.ts';
import type { SearchScope } from './index.ts';

/** Searches stores with one or more queries; a chunk counts with the best of its scores. */
export async function searchStores(
  context: EngineContext,
  storeIds: string[],
  queries: string[],
  options: {
    limit: number;
    threshold?: number | undefined;
    filter?: AttributeFilter | undefined;
    signal: AbortSignal;
  },
): Promise<Hit[]> {
  const { database } = context;
  const { limit, threshold, filter, signal } = options;
  const scope: SearchScope = {
    storeIds,
    ...(filter && { files: await findFiles(context, storeIds, filter) }),
  };
  const embeddings = await embed(context, queries, signal);
  const best = new Map<number, Hit>();
  for (const [index, query] of queries.entries()) {
    signal.throwIfAborted();
    const rank: RankOptions = { limit, threshold, embedding: embeddings?.[index] };
    for (const hit of await rankChunks(database, scope, query, rank)) {
      const known = best.get(hit.chunk);
      if (!known || known.score < hit.score) best.set(hit.chunk, hit);
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.chunk - b.chunk).slice(0, limit);
}

/** The queries' embeddings; none without a model for them, and none when it fails: words alone find much. */
async function embed(
  context: EngineContext,
  queries: string[],
  signal: AbortSignal,
): Promise<{ model: string; vector: Uint8Array }[] | undefined> {
  const { embedder } = context;
  if (!embedder) return undefined;
  try {
    const vectors = await embedder.embed(queries, signal);
    return vectors.map((vector) => ({ model: embedder.id, vector }));
  } catch (error) {
    signal.throwIfAborted();
    context.log('warn', 'The embedding model failed; the search goes by words alone.', {
      cause: String(error),
    });
    return undefined;
  }
}

async function findFiles(
  { database }: EngineContext,
  storeIds: string[],
  filter: AttributeFilter,
): Promise<number[]> {
  const rows = await database
    .selectFrom('vector_store_files')
    .select(['sequence', 'body'])
    .where('vector_store_id', 'in', storeIds)
    .where('status', '=', 'completed')
    .execute();
  return rows
    .filter(({ body }) => meetsFilter((JSON.parse(body) as { attributes: Attributes }).attributes, filter))
    .map(({ sequence }) => sequence);
}
