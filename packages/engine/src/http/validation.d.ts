import type { Context } from 'hono';
import { z } from 'zod';
import type { PageRequest } from '../storage/pages.ts';
/** At most 16 entries; keys to 64 and values to 512 characters. `null` stands for none. */
export declare const metadataSchema: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodString>>>;
/** The body, checked; an empty body counts as `{}`. */
export declare function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>>;
/** The value, checked; throws a 400 in OpenAI's words. */
export declare function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T>;
/** The page that the query asks for. */
export declare function readPage(
  c: Context,
  limits?: {
    default: number;
    max: number;
  },
): PageRequest;
//# sourceMappingURL=validation.d.ts.map
