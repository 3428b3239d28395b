import { readUIMessageStream } from 'ai';
import type { UIMessageChunk } from 'ai';
import type { AssistantChunk, AssistantMessage } from '../chunks.ts';

/** Chunks need no delivery that could be late here: the stream has all of them. */
function streamOfChunks(chunks: AssistantChunk[]): ReadableStream<UIMessageChunk> {
  return new ReadableStream({
    start(controller) {
      // The AI SDK's reader writes into what it is given.
      for (const chunk of chunks) controller.enqueue(structuredClone(chunk) as UIMessageChunk);
      controller.close();
    },
  });
}

/** The message that the AI SDK makes of the chunks, and the error that it stopped at. */
export async function reduceWithPeer(
  chunks: AssistantChunk[],
  message?: AssistantMessage,
): Promise<{ message: AssistantMessage | undefined; error: unknown }> {
  let last: AssistantMessage | undefined;
  let error: unknown;
  const messages = readUIMessageStream<AssistantMessage>({
    stream: streamOfChunks(chunks),
    onError: (thrown) => (error ??= thrown),
    ...(message && { message: structuredClone(message) }),
  });
  for await (const snapshot of messages) last = snapshot;
  return { message: last, error };
}
