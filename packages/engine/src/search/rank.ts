import { setImmediate as turn } from 'node:timers/promises';
import type { Database } from '../storage/records.ts';
import {
  countChunks,
  findSimilar,
  findTerm,
  loadChunks,
  type FoundChunk,
  type SearchScope,
} from './index.ts';
import { toPhrases } from './terms.ts';

/** A chunk that answers a query, and how well: between 0 and 1. */
export interface Hit extends FoundChunk {
  score: number;
}

export interface RankOptions {
  limit: number;
  /** Hits below are left out. */
  threshold?: number | undefined;
  /** The query's embedding, where there is a model for it. */
  embedding?: { model: string; vector: Uint8Array } | undefined;
}

/** What BM25's measure of a term in a chunk comes near, but never reaches. */
const saturation = 2.2;
/** How much of a hybrid score is similarity of meaning; the rest is words in common. */
const semanticShare = 0.6;

/**
 * The chunks that answer a query, best first.
 *
 * By words: every term weighs as BM25 has it, more the fewer chunks in scope have it. A chunk gets half a term's weight
 * for having it and the other half as BM25 measures how much; its score is its part of the weight of all terms. So the
 * scale means the same in a store of one page and of a million, where a raw rank would not.
 *
 * With an embedding the score is a mixture of that and the cosine.
 */
export async function rankChunks(
  database: Database,
  scope: SearchScope,
  query: string,
  options: RankOptions,
): Promise<Hit[]> {
  const words = await scoreByWords(database, scope, query);
  const scores = options.embedding
    ? mix(words, await findSimilar(database, scope, options.embedding))
    : words;
  const { limit, threshold = 0 } = options;
  const best = Array.from(scores, ([chunk, score]) => ({ chunk, score }))
    .filter(({ score }) => score > 0 && score >= threshold)
    .sort((a, b) => b.score - a.score || a.chunk - b.chunk)
    .slice(0, limit);
  const found = await loadChunks(
    database,
    best.map(({ chunk }) => chunk),
  );
  return best.flatMap(({ chunk, score }) => {
    const hit = found.get(chunk);
    // Taken out of the store between the two queries.
    return hit ? [{ ...hit, score: Math.min(1, Math.round(score * 10_000) / 10_000) }] : [];
  });
}

async function scoreByWords(
  database: Database,
  scope: SearchScope,
  query: string,
): Promise<Map<number, number>> {
  const scores = new Map<number, number>();
  const phrases = toPhrases(query);
  if (phrases.length === 0) return scores;
  const count = await countChunks(database, scope);
  let whole = 0;
  for (const phrase of phrases) {
    // A common word of a large store keeps SQLite busy for a while: others get their turn in between.
    await turn();
    const { matches, frequency } = await findTerm(database, scope, phrase, count.all);
    // A word that no chunk has is as rare as one that a single chunk has.
    const rarity = Math.max(frequency, 1);
    const weight = Math.log(1 + (count.scope - rarity + 0.5) / (rarity + 0.5));
    whole += weight;
    for (const { chunk, value } of matches) {
      const part = weight * (0.5 + 0.5 * Math.min(1, value / saturation));
      scores.set(chunk, (scores.get(chunk) ?? 0) + part);
    }
  }
  for (const [chunk, score] of scores) scores.set(chunk, whole > 0 ? score / whole : 0);
  return scores;
}

function mix(words: Map<number, number>, similar: { chunk: number; value: number }[]): Map<number, number> {
  const similarity = new Map(similar.map(({ chunk, value }) => [chunk, Math.max(0, value)]));
  // What is not among the most similar is at most as similar as the last of them.
  const least = similar.length > 0 ? Math.max(0, similar.at(-1)!.value) : 0;
  const mixed = new Map<number, number>();
  for (const chunk of new Set([...words.keys(), ...similarity.keys()])) {
    const meaning = similarity.get(chunk) ?? (similar.length > 0 ? least : 0);
    mixed.set(chunk, semanticShare * meaning + (1 - semanticShare) * (words.get(chunk) ?? 0));
  }
  return mixed;
}
