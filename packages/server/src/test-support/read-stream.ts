import { createReducer, createVerifier, decodeStream } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';

/** One frame of a response. */
export interface Frame {
  id: string | undefined;
  chunk: AssistantChunk;
}

/** What a response said, verified. */
export interface ReadStream {
  frames: Frame[];
  chunks: AssistantChunk[];
  message: AssistantMessage;
  text: string;
}

/** Reads a streamed response to its end; every stream passes the protocol's verifier. */
export async function readStream(
  response: Response,
  options: { isContinuation?: boolean } = {},
): Promise<ReadStream> {
  if (response.status !== 200) throw new Error(`status ${response.status}: ${await response.text()}`);
  const frames: Frame[] = [];
  const verifier = createVerifier(options);
  const reducer = createReducer();
  for await (const { chunk, id } of decodeStream(response.body!)) {
    frames.push({ id, chunk });
    verifier.check(chunk, id);
    if (!options.isContinuation) reducer.apply(chunk);
  }
  verifier.end();
  const message = reducer.message();
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { frames, chunks: frames.map(({ chunk }) => chunk), message, text };
}
