import type { DatabaseSync } from 'node:sqlite';

/** Teaches SQLite to compare embeddings: by sqlite-vec, or in JavaScript on machines for which that is not built. */
export async function addVectors(connection: DatabaseSync): Promise<void> {
  try {
    const { getLoadablePath } = await import('sqlite-vec');
    connection.loadExtension(getLoadablePath());
  } catch {
    connection.function('vec_distance_cosine', { deterministic: true }, cosineDistance);
  } finally {
    connection.enableLoadExtension(false);
  }
}

/** One minus the cosine of two vectors of 32-bit floats. */
export function cosineDistance(a: unknown, b: unknown): number {
  const x = toFloats(a);
  const y = toFloats(b);
  let dot = 0;
  let lengthX = 0;
  let lengthY = 0;
  for (const [index, value] of x.entries()) {
    const other = y[index] ?? 0;
    dot += value * other;
    lengthX += value * value;
    lengthY += other * other;
  }
  return 1 - dot / (Math.sqrt(lengthX * lengthY) || 1);
}

function toFloats(value: unknown): Float32Array {
  // A copy, for SQLite's bytes need not lie where floats may.
  return new Float32Array((value as Uint8Array).slice().buffer);
}
