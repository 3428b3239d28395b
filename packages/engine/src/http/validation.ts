import type { Context } from 'hono';
import { z } from 'zod';
import type { PageRequest } from '../storage/pages.ts';
import { ApiError, badRequest } from './errors.ts';

/** Larger JSON bodies are refused unread; files have a route of their own. */
const maxBodyBytes = 16 * 2 ** 20;
/** Values inside of values: more than any schema needs, and far from what would exhaust the stack when written. */
const maxDepth = 200;

/** At most 16 entries; keys to 64 and values to 512 characters. `null` stands for none. */
export const metadataSchema = z
  .record(z.string().max(64), z.string().max(512))
  .refine((metadata) => Object.keys(metadata).length <= 16, { message: 'Metadata takes at most 16 entries.' })
  .nullish();

/** The body, checked; an empty body counts as `{}`. */
export async function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> {
  const text = await readText(c.req.raw);
  let body: unknown;
  try {
    body = text === '' ? {} : JSON.parse(text);
  } catch {
    throw badRequest('We could not parse the JSON body of your request.');
  }
  refuseOddities(body, maxDepth);
  return check(schema, body);
}

/** What no schema can say: how deep a body goes, and the one name that JavaScript does not keep like any other. */
function refuseOddities(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth === 0) throw badRequest('The JSON body of your request is nested too deeply.');
  if (Object.hasOwn(value, '__proto__')) {
    throw badRequest("Unknown parameter: '__proto__'.", '__proto__', 'unknown_parameter');
  }
  for (const member of Object.values(value)) refuseOddities(member, depth - 1);
}

/** The body as text; stops reading at the limit, whatever length was announced. */
async function readText(request: Request): Promise<string> {
  if (!request.body) return '';
  const decoder = new TextDecoder();
  const pieces: string[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > maxBodyBytes) throw tooLarge();
    pieces.push(decoder.decode(chunk, { stream: true }));
  }
  pieces.push(decoder.decode());
  return pieces.join('');
}

/** The value, checked; throws a 400 in OpenAI's words. */
export function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw toBadRequest(result.error.issues[0]!, value);
}

const pageSchema = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  order: z.enum(['asc', 'desc']).default('desc'),
  after: z.string().optional(),
  before: z.string().optional(),
});

/** The page that the query asks for. */
export function readPage(
  c: Context,
  limits: { default: number; max: number } = { default: 20, max: 100 },
): PageRequest {
  const { limit, order, after, before } = c.req.query();
  const schema = pageSchema.extend({
    limit: z.coerce.number().int().min(1).max(limits.max).default(limits.default),
  });
  return check(schema, { limit, order, after, before });
}

function tooLarge(): ApiError {
  return new ApiError(413, 'The body of the request is too large.');
}

type Issue = z.core.$ZodIssue;

function toBadRequest(issue: Issue, root: unknown): ApiError {
  // Of several forms that a value may take, the one that came closest tells best what is wrong.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const best = issue.errors.reduce((a, b) => (depth(b) > depth(a) ? b : a))[0];
    if (best && (best.path.length > 0 || issue.errors.length === 1)) {
      return toBadRequest({ ...best, path: [...issue.path, ...best.path] }, root);
    }
  }
  const param = formatPath(issue.path);
  const value = valueAt(root, issue.path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const name = formatPath([...issue.path, issue.keys[0] ?? '']);
      return badRequest(`Unknown parameter: '${name}'.`, name, 'unknown_parameter');
    }
    case 'invalid_type':
      if (value === undefined && issue.input === undefined) {
        return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
      }
      return badRequest(
        `Invalid type for '${param}': expected ${issue.expected}, but got ${typeName(value)} instead.`,
        param || null,
        'invalid_type',
      );
    case 'invalid_value':
      if (value === undefined) {
        return badRequest(`Missing required parameter: '${param}'.`, param, 'missing_required_parameter');
      }
      return badRequest(
        `Invalid value: '${shorten(value)}'. Supported values are: ${listValues(issue.values)}.`,
        param || null,
        'invalid_value',
      );
    case 'invalid_union':
      return badRequest(`Invalid value for '${param}'.`, param || null, 'invalid_value');
    default:
      return badRequest(`Invalid '${param}': ${issue.message}`, param || null, 'invalid_value');
  }
}

function depth(issues: readonly Issue[]): number {
  return Math.max(
    ...issues.map(({ path, code }) => path.length * 2 + (code === 'unrecognized_keys' ? 1 : 0)),
  );
}

/** `tools[0].type`, as OpenAI writes it. */
function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path)
    text += typeof key === 'number' ? `[${key}]` : `${text === '' ? '' : '.'}${String(key)}`;
  return text;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key];
  return value;
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** `'a', 'b', and 'c'`. */
function listValues(values: readonly unknown[]): string {
  const quoted = values.map((value) => `'${String(value)}'`);
  if (quoted.length < 2) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')}${quoted.length > 2 ? ',' : ''} and ${quoted.at(-1)}`;
}
