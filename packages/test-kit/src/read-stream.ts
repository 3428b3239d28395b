import {
  AssistantError,
  createReducer,
  createVerifier,
  readStream as readFrames,
  streamHeaders,
} from '@use-assistant/protocol';
import type { AssistantChunk, AssistantMessage, Reducer, Verifier } from '@use-assistant/protocol';

/** A stream, read to its end. */
export interface ReadStream {
  chunks: AssistantChunk[];
  /** The id of each chunk's frame. */
  ids: (string | undefined)[];
  message: AssistantMessage;
  /** How many comments came. */
  comments: number;
}

/** How to read it. */
export interface ReadStreamOptions {
  /** Goes on with the verifier of an earlier stream, or takes one for a continuation. */
  verifier?: Verifier;
  /** Goes on with the message of an earlier stream. */
  reducer?: Reducer;
  signal?: AbortSignal;
}

/** Reads a response as our hook would, and throws unless its headers and every chunk keep the protocol. */
export async function readStream(response: Response, options: ReadStreamOptions = {}): Promise<ReadStream> {
  const { verifier = createVerifier(), reducer = createReducer(), signal } = options;
  await checkHeaders(response);
  if (!response.body) throw new AssistantError('stream_protocol', 'The response has no body.');
  const read: ReadStream = { chunks: [], ids: [], message: reducer.message(), comments: 0 };
  // What ends a stream for other clients is no chunk: it is looked for in the bytes.
  let end = '';
  const decoder = new TextDecoder();
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      end = (end + decoder.decode(bytes, { stream: true })).slice(-32);
      controller.enqueue(bytes);
    },
  });
  await readFrames(response.body.pipeThrough(watch), {
    onFrame: ({ chunk, id }) => {
      verifier.check(chunk, id);
      reducer.apply(chunk);
      read.chunks.push(chunk);
      read.ids.push(id);
    },
    onComment: () => (read.comments += 1),
    signal,
  });
  verifier.end();
  if (!end.endsWith('data: [DONE]\n\n'))
    throw new AssistantError('stream_protocol', 'The stream has no [DONE] at its end.');
  read.message = reducer.message();
  return read;
}

async function checkHeaders(response: Response): Promise<void> {
  if (response.status !== 200) {
    throw new AssistantError('stream_protocol', `Status ${response.status}: ${await response.text()}`);
  }
  for (const [name, expected] of Object.entries(streamHeaders)) {
    const actual = response.headers.get(name);
    if (actual !== expected) {
      throw new AssistantError('stream_protocol', `The header ${name} is ${actual}, not ${expected}.`);
    }
  }
}
