import { setImmediate as turn } from 'node:timers/promises';
import { sql, type RawBuilder } from 'kysely';
import type { Database } from '../storage/records.ts';
import type { Attributes } from '../vector-store-wire.ts';
import { toIndexText, type Chunk } from './chunk.ts';

/** A chunk with its embedding, as the 32-bit floats that SQLite keeps. */
export interface ChunkToIndex extends Chunk {
  embedding: Uint8Array | null;
}

/** Which chunks are looked at: of finished files of these stores. */
export interface SearchScope {
  storeIds: string[];
  /** Rows of `vector_store_files`, when attributes left only some. */
  files?: number[] | undefined;
}

/** Chunks that one term, or one embedding, found. */
export interface Match {
  chunk: number;
  value: number;
}

/** Rows that a term may bring; what ranks lower plays no part. */
const matchLimit = 1000;
const similarLimit = 200;
const removedAtATime = 32;

/** Adds chunks of a file to the index. */
export async function insertChunks(
  database: Database,
  file: { sequence: number; storeId: string },
  chunks: ChunkToIndex[],
): Promise<void> {
  for (const { start, text, embedding } of chunks) {
    const { insertId } = await database
      .insertInto('chunks')
      .values({ file: file.sequence, start, text, embedding })
      .executeTakeFirstOrThrow();
    await sql`insert into chunk_index (rowid, store, text)
      select ${Number(insertId)}, 's' || sequence, ${toIndexText(text)} from vector_stores
      where id = ${file.storeId}`.execute(database);
  }
}

/** Forgets all chunks of a file, bit by bit: taking one out of the index costs as much as putting it in. */
export async function removeChunks(database: Database, file: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const some = database
      .selectFrom('chunks')
      .select('sequence')
      .where('file', '=', file)
      .limit(removedAtATime);
    const { numDeletedRows } = await database
      .deleteFrom('chunks')
      .where('sequence', 'in', some)
      .executeTakeFirst();
    if (numDeletedRows === 0n) return;
    await turn();
  }
}

/** The text of a file, put together from its chunks, which overlap. */
export async function readText(database: Database, file: number): Promise<string> {
  const rows = await database
    .selectFrom('chunks')
    .select(['start', 'text'])
    .where('file', '=', file)
    .orderBy('start')
    .execute();
  const pieces: string[] = [];
  let end = 0;
  for (const { start, text } of rows) {
    pieces.push(text.slice(Math.max(0, end - start)));
    end = Math.max(end, start + text.length);
  }
  return pieces.join('');
}

/** What BM25 must know of the chunks that are searched and, to undo what SQLite does, of all there are. */
export async function countChunks(
  database: Database,
  scope: SearchScope,
): Promise<{ scope: number; all: number }> {
  const { rows } = await sql<{ scope: number; total: number }>`
    select count(*) as scope, (select count(*) from chunks) as total
    from chunks join vector_store_files on vector_store_files.sequence = chunks.file
    where ${inScope(scope)}`.execute(database);
  return { scope: rows[0]!.scope, all: rows[0]!.total };
}

/**
 * The chunks with a term, an FTS5 phrase, best first. `value` is BM25's measure of how much the term is in the chunk,
 * between 0 and 2.2: SQLite's rank without its weight for the term, which it takes from the chunks of all stores and
 * which is nothing for a term that half of them have. `frequency` is how many chunks in scope have the term.
 */
export async function findTerm(
  database: Database,
  scope: SearchScope,
  phrase: string,
  all: number,
): Promise<{ matches: Match[]; frequency: number }> {
  const stores = await storeTokens(database, scope.storeIds);
  if (stores.length === 0) return { matches: [], frequency: 0 };
  const expression = `store : (${stores.join(' OR ')}) AND text : ${phrase}`;
  const { rows } = await sql<{ chunk: number; rank: number }>`
    select chunks.sequence as chunk, bm25(chunk_index, 0.0, 1.0) as rank
    from chunk_index
    join chunks on chunks.sequence = chunk_index.rowid
    join vector_store_files on vector_store_files.sequence = chunks.file
    where chunk_index match ${expression} and ${inScope(scope)}
    order by rank limit ${matchLimit}`.execute(database);
  if (rows.length === 0) return { matches: [], frequency: 0 };
  const everywhere = await countMatches(database, `text : ${phrase}`);
  const frequency = rows.length < matchLimit ? rows.length : await countMatches(database, expression);
  const weight = Math.max(Math.log((all - everywhere + 0.5) / (everywhere + 0.5)), 1e-6);
  return { matches: rows.map(({ chunk, rank }) => ({ chunk, value: -rank / weight })), frequency };
}

/** The chunks most similar to an embedding, best first, by their cosine. */
export async function findSimilar(
  database: Database,
  scope: SearchScope,
  embedding: { model: string; vector: Uint8Array },
): Promise<Match[]> {
  const { rows } = await sql<Match>`
    select chunks.sequence as chunk, 1 - vec_distance_cosine(chunks.embedding, ${embedding.vector}) as value
    from chunks
    join vector_store_files on vector_store_files.sequence = chunks.file
    where ${inScope(scope)} and vector_store_files.embedding_model = ${embedding.model}
      and length(chunks.embedding) = ${embedding.vector.byteLength}
    order by value desc limit ${similarLimit}`.execute(database);
  return rows;
}

/** The first chunks of the files in scope, newest files first: what there is to tell when no word is found. */
export async function findOpenings(database: Database, scope: SearchScope, limit: number): Promise<number[]> {
  const { rows } = await sql<{ chunk: number }>`
    select chunks.sequence as chunk from chunks
    join vector_store_files on vector_store_files.sequence = chunks.file
    where ${inScope(scope)} and chunks.sequence in (select min(sequence) from chunks group by file)
    order by vector_store_files.sequence desc limit ${limit}`.execute(database);
  return rows.map(({ chunk }) => chunk);
}

/** A chunk with the file it is of. */
export interface FoundChunk {
  chunk: number;
  fileId: string;
  filename: string;
  attributes: Attributes;
  text: string;
}

export async function loadChunks(database: Database, ids: number[]): Promise<Map<number, FoundChunk>> {
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('chunks')
    .innerJoin('vector_store_files', 'vector_store_files.sequence', 'chunks.file')
    .innerJoin('files', 'files.id', 'vector_store_files.file_id')
    .select([
      'chunks.sequence',
      'chunks.text',
      'files.id',
      'files.body as file',
      'vector_store_files.body as inStore',
    ])
    .where('chunks.sequence', 'in', ids)
    .execute();
  return new Map(
    rows.map((row) => {
      const { filename } = JSON.parse(row.file) as { filename: string };
      const { attributes } = JSON.parse(row.inStore) as { attributes: Attributes };
      const { sequence: chunk, id: fileId, text } = row;
      return [chunk, { chunk, fileId, filename, attributes, text }];
    }),
  );
}

/** What stands for a store in the index. */
async function storeTokens(database: Database, storeIds: string[]): Promise<string[]> {
  if (storeIds.length === 0) return [];
  const rows = await database
    .selectFrom('vector_stores')
    .select('sequence')
    .where('id', 'in', storeIds)
    .execute();
  return rows.map(({ sequence }) => `s${sequence}`);
}

async function countMatches(database: Database, expression: string): Promise<number> {
  const { rows } = await sql<{ matches: number }>`
    select count(*) as matches from chunk_index where chunk_index match ${expression}`.execute(database);
  return rows[0]!.matches;
}

function inScope(scope: SearchScope): RawBuilder<unknown> {
  const stores = sql`vector_store_files.status = 'completed'
    and vector_store_files.vector_store_id in (select value from json_each(${JSON.stringify(scope.storeIds)}))`;
  if (!scope.files) return stores;
  return sql`${stores} and vector_store_files.sequence in (select value from json_each(${JSON.stringify(scope.files)}))`;
}
