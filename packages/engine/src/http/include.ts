import type { Context } from 'hono';
import { z } from 'zod';
import type { Database, StepPrivate } from '../storage/records.ts';
import { withContent } from '../tools/file-search.ts';
import type { RunStep } from '../wire.ts';
import { check } from './validation.ts';

const includeSchema = z.object({
  'include[]': z.array(z.literal('step_details.tool_calls[*].file_search.results[*].content')).optional(),
});

/** Whether the request asks for the passages that searches found. */
export function includesContent(c: Context): boolean {
  return check(includeSchema, { 'include[]': c.req.queries('include[]') })['include[]'] !== undefined;
}

/** The steps with the passages that their searches found. */
export async function addContent(database: Database, steps: RunStep[]): Promise<RunStep[]> {
  const ids = steps.flatMap(({ id, type }) => (type === 'tool_calls' ? [id] : []));
  if (ids.length === 0) return steps;
  const rows = await database.selectFrom('steps').select(['id', 'private']).where('id', 'in', ids).execute();
  const details = new Map(rows.map((row) => [row.id, JSON.parse(row.private) as StepPrivate]));
  return steps.map((step) => {
    const known = details.get(step.id);
    return known ? withContent(step, known) : step;
  });
}
