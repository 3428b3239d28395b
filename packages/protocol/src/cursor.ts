/**
 * A place in the stream of one run: the `id:` of an SSE frame, sent back as `Last-Event-ID`.
 * `event` counts the run's Assistants events from 0; `chunk` counts the chunks made from that event.
 * Replaying a run and skipping all that is not after the cursor resumes exactly.
 */
export interface Cursor {
  runId: string;
  event: number;
  chunk: number;
}

/** Writes a cursor as `run_abc:12.0`. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.runId}:${cursor.event}.${cursor.chunk}`;
}

/** Reads a cursor; undefined for anything that `formatCursor` would not have written. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([\w-]{1,128}):(\d{1,15})\.(\d{1,15})$/.exec(text);
  if (!match) return undefined;
  return { runId: match[1]!, event: Number(match[2]), chunk: Number(match[3]) };
}

/** Whether `a` stands after `b` in the same run. */
export function isAfter(a: Cursor, b: Cursor): boolean {
  return a.event > b.event || (a.event === b.event && a.chunk > b.chunk);
}
