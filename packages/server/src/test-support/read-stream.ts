import { createReducer, createVerifier } from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage } from '@use-assistant/protocol';
import { readStream as readVerified } from '@use-assistant/test-kit';

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

/**
 * Reads a streamed response to its end; every stream passes the protocol's verifier. A continuation has no message of its
 * own: it goes on with one that the caller has.
 */
export async function readStream(
  response: Response,
  options: { isContinuation?: boolean } = {},
): Promise<ReadStream> {
  const reducer = createReducer();
  const { chunks, ids } = await readVerified(response, {
    verifier: createVerifier(options),
    reducer: options.isContinuation ? { ...reducer, apply: () => {} } : reducer,
  });
  const message = reducer.message();
  const text = message.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  return { frames: chunks.map((chunk, index) => ({ chunk, id: ids[index] })), chunks, message, text };
}
