import { UnknownCursorError, type Page, type PageRequest } from '../../storage/pages.ts';

/** A page of a list that is short enough to be had whole, oldest first. */
export function pageOf<T extends { id: string }>(objects: T[], page: PageRequest): Page<T> {
  const ordered = page.order === 'asc' ? objects : objects.toReversed();
  const position = (cursor: 'after' | 'before'): number => {
    const index = ordered.findIndex(({ id }) => id === page[cursor]);
    if (index === -1) throw new UnknownCursorError(cursor, page[cursor]!);
    return index;
  };
  const from = page.after === undefined ? 0 : position('after') + 1;
  const to = page.before === undefined ? ordered.length : position('before');
  const within = ordered.slice(from, to);
  const isBackwards = page.before !== undefined && page.after === undefined;
  const data = isBackwards ? within.slice(-page.limit) : within.slice(0, page.limit);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: within.length > data.length,
  };
}
