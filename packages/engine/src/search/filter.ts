import type { AttributeFilter, Attributes } from '../vector-store-wire.ts';

/** Whether attributes meet a filter. A file without the attribute meets only `ne` and `nin`. */
export function meetsFilter(attributes: Attributes, filter: AttributeFilter): boolean {
  switch (filter.type) {
    case 'and':
      return filter.filters.every((each) => meetsFilter(attributes, each));
    case 'or':
      return filter.filters.some((each) => meetsFilter(attributes, each));
  }
  const { type, value } = filter;
  const own = Object.hasOwn(attributes, filter.key) ? attributes[filter.key] : undefined;
  switch (type) {
    case 'eq':
      return own === value;
    case 'ne':
      return own !== value;
    case 'in':
      return Array.isArray(value) && value.includes(own as string);
    case 'nin':
      return Array.isArray(value) && !value.includes(own as string);
    default:
      return compare(type, own, value);
  }
}

function compare(type: 'gt' | 'gte' | 'lt' | 'lte', own: unknown, value: unknown): boolean {
  // Only numbers with numbers and texts with texts.
  if (typeof own !== typeof value || (typeof own !== 'number' && typeof own !== 'string')) return false;
  const other = value as typeof own;
  if (type === 'gt') return own > other;
  if (type === 'gte') return own >= other;
  return type === 'lt' ? own < other : own <= other;
}
