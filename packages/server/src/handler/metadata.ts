/** The metadata of a thread, a message or a run; empty where there is none. */
export function metadataOf({ metadata }: { metadata?: unknown }): Record<string, string> {
  return (metadata ?? {}) as Record<string, string>;
}
