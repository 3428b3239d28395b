import type { ServerResponse } from 'node:http';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { sourceOf, type ByteSource } from './sse.ts';

/**
 * Sends a response that streams events straight to Node's own, without the cost of a web stream between them. Answers
 * what is left to be sent: any other response, as it is.
 */
export function sendEvents(response: Response, outgoing: ServerResponse): Response {
  const source = sourceOf(response);
  if (!source) return response;
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.flushHeaders();
  pump(source, outgoing).catch((error: Error) => outgoing.destroy(error));
  return RESPONSE_ALREADY_SENT;
}

async function pump(source: ByteSource, outgoing: ServerResponse): Promise<void> {
  let resume: (() => void) | undefined;
  outgoing.on('drain', () => resume?.());
  outgoing.once('close', () => {
    source.close();
    resume?.();
  });
  for (let bytes = await source.next(); bytes; bytes = await source.next()) {
    if (!outgoing.write(bytes) && !outgoing.destroyed) {
      await new Promise<void>((resolve) => (resume = resolve));
    }
  }
  outgoing.end();
}
