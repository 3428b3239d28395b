import { z } from 'zod';
import { autoChunking } from '../storage/vector-stores.ts';
import type { AttributeFilter, StaticChunking } from '../vector-store-wire.ts';
import { metadataSchema } from './validation.ts';

/** Bodies of requests about vector stores. Unknown keys are refused throughout. */

const staticSchema = z
  .strictObject({
    max_chunk_size_tokens: z.number().int().min(100).max(4096),
    chunk_overlap_tokens: z.number().int().min(0),
  })
  .refine(({ max_chunk_size_tokens: size, chunk_overlap_tokens: overlap }) => overlap <= size / 2, {
    path: ['chunk_overlap_tokens'],
    message: 'the overlap must not exceed half of max_chunk_size_tokens.',
  });

/** Cut as the caller wants it, or as it is done where nothing is said. */
export const chunkingSchema = z
  .looseObject({ type: z.enum(['auto', 'static']) })
  .pipe(
    z.discriminatedUnion('type', [
      z.strictObject({ type: z.literal('auto') }),
      z.strictObject({ type: z.literal('static'), static: staticSchema }),
    ]),
  )
  .transform((strategy): StaticChunking => (strategy.type === 'auto' ? autoChunking : strategy))
  .optional();

/** At most 16 entries; a key has to 64 characters, a text to 512. */
export const attributesSchema = z
  .record(z.string().max(64), z.union([z.string().max(512), z.number(), z.boolean()]))
  .refine((attributes) => Object.keys(attributes).length <= 16, {
    message: 'Attributes take at most 16 entries.',
  })
  .nullable();

const expiresAfterSchema = z.strictObject({
  anchor: z.literal('last_active_at'),
  days: z.number().int().min(1).max(365),
});

export const createStoreSchema = z.strictObject({
  file_ids: z.array(z.string()).max(500).optional(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  expires_after: expiresAfterSchema.optional(),
  chunking_strategy: chunkingSchema,
  metadata: metadataSchema,
});

export const updateStoreSchema = z.strictObject({
  name: z.string().nullish(),
  expires_after: expiresAfterSchema.nullish(),
  metadata: metadataSchema,
});

export const addFileSchema = z.strictObject({
  file_id: z.string(),
  chunking_strategy: chunkingSchema,
  attributes: attributesSchema.optional(),
});

export const updateFileSchema = z.strictObject({ attributes: attributesSchema });

const maxBatch = 2000;

export const createBatchSchema = z
  .strictObject({
    file_ids: z.array(z.string()).min(1).max(maxBatch).optional(),
    files: z.array(addFileSchema).min(1).max(maxBatch).optional(),
    chunking_strategy: chunkingSchema,
    attributes: attributesSchema.optional(),
  })
  .refine(({ file_ids: ids, files }) => (ids === undefined) !== (files === undefined), {
    path: ['file_ids'],
    message: "give either 'file_ids' or 'files'.",
  });

const comparisonSchema = z.strictObject({
  type: z.enum(['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin']),
  key: z.string(),
  value: z.union([z.string(), z.number(), z.boolean(), z.array(z.union([z.string(), z.number()])).max(1000)]),
});

const maxFilterDepth = 8;

/** A condition with conditions within; how deep they go is bounded. */
function filterSchema(depth: number): z.ZodType<AttributeFilter> {
  if (depth === 0) return comparisonSchema;
  const compound = z.strictObject({
    type: z.enum(['and', 'or']),
    filters: z.array(filterSchema(depth - 1)).max(100),
  });
  return z.union([comparisonSchema, compound]);
}

export const searchSchema = z.strictObject({
  query: z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(10)]),
  rewrite_query: z.boolean().optional(),
  max_num_results: z.number().int().min(1).max(50).default(10),
  filters: filterSchema(maxFilterDepth).optional(),
  ranking_options: z
    .strictObject({
      ranker: z.enum(['none', 'auto', 'default-2024-11-15']).optional(),
      score_threshold: z.number().min(0).max(1).optional(),
    })
    .optional(),
});

/** A store that a thread or an assistant brings along. */
export const helperStoreSchema = z.strictObject({
  file_ids: z.array(z.string()).max(10_000).optional(),
  chunking_strategy: chunkingSchema,
  metadata: metadataSchema,
});
