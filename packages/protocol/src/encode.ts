import type { AssistantChunk } from './chunks.ts';

/** The headers of every response that carries a UI message stream. */
export const streamHeaders = {
  'content-type': 'text/event-stream',
  // Without no-transform, compressing proxies hold frames back until a block is full.
  'cache-control': 'no-cache, no-transform',
  'x-vercel-ai-ui-message-stream': 'v1',
  'x-accel-buffering': 'no',
} as const;

/** The frame after the last chunk. */
export const doneFrame = 'data: [DONE]\n\n';

// A line break in an id would begin a new field, and with it a forged event; NUL makes readers drop the id.
// oxlint-disable-next-line no-control-regex
const unsafeInId = /[\r\n\0]/;

/**
 * Writes one chunk as exactly one SSE frame.
 * JSON has no raw line breaks, so `data` is always one line. An `id` that is empty or could break the frame is left out:
 * the frame then merely is no place to resume from.
 */
export function encodeChunk(chunk: AssistantChunk, id?: string): string {
  const data = `data: ${JSON.stringify(chunk)}\n\n`;
  return id === undefined || id === '' || unsafeInId.test(id) ? data : `id: ${id}\n${data}`;
}

/** Writes a comment, which every reader skips: it keeps an idle connection open. Each line of `text` becomes one. */
export function encodeComment(text: string): string {
  return `: ${text.replaceAll('\0', '').replaceAll(/\r\n|\r|\n/g, '\n: ')}\n\n`;
}
