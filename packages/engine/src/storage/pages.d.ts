import type { Database } from './records.ts';
import type { ObjectTable } from './schema.ts';
/** Which part of a list is asked for; all cursors are ids. */
export interface PageRequest {
  limit: number;
  order: 'asc' | 'desc';
  after?: string | undefined;
  before?: string | undefined;
}
export interface Page<T> {
  object: 'list';
  data: T[];
  first_id: string | null;
  last_id: string | null;
  has_more: boolean;
}
/** A cursor names an object that is not in the list. */
export declare class UnknownCursorError extends Error {
  readonly cursor: string;
  constructor(cursor: string);
}
/**
 * One page of a list in the order of creation. Rows of one second are told apart by their sequence, so pages neither
 * repeat nor skip, whatever is added meanwhile.
 */
export declare function listObjects<
  T extends {
    id: string;
  },
>(
  database: Database,
  table: ObjectTable,
  filters: Record<string, string | undefined>,
  page: PageRequest,
): Promise<Page<T>>;
//# sourceMappingURL=pages.d.ts.map
