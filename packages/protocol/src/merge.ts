import { isRecord } from './shape.ts';

// Deeper than any metadata, shallower than any stack.
const maxDepth = 64;

/**
 * Merges metadata as the AI SDK does: objects deeply, everything else replaced, undefined ignored, and never a key
 * that reaches a prototype. Changes neither argument.
 */
export function mergeMetadata(base: unknown, override: unknown, depth = 0): unknown {
  if (!isRecord(base) || !isRecord(override) || depth > maxDepth) return override;
  const merged = { ...base };
  for (const [key, value] of Object.entries(override)) {
    if (value === undefined || /^(?:__proto__|constructor|prototype)$/.test(key)) continue;
    merged[key] = mergeMetadata(base[key], value, depth + 1);
  }
  return merged;
}
