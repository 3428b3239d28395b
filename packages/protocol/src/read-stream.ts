import { createDecoder } from './decode.ts';
import type { DecodedFrame, DecoderOptions } from './decode.ts';
import { AssistantError } from './errors.ts';

/** How to read a stream. */
export interface ReadStreamOptions extends Omit<DecoderOptions, 'onFrame'> {
  /** Takes the frames in order; while it answers with a promise, nothing more is read. */
  onFrame: (frame: DecodedFrame) => void | PromiseLike<void>;
  /** Ends the reading: the promise rejects with `aborted`, the body is cancelled, no further frame comes. */
  signal?: AbortSignal | undefined;
}

/**
 * Reads a response body to its end; see `createDecoder` for what it forgives. A lost connection rejects with
 * `stream_interrupted`, the signal with `aborted`; what `onFrame` throws ends the reading and rejects. A body that ends
 * without a terminal chunk just ends here: whoever reduces the chunks knows whether the run is over.
 */
export async function readStream(
  body: ReadableStream<Uint8Array>,
  { onFrame, signal, ...options }: ReadStreamOptions,
): Promise<void> {
  let frames: DecodedFrame[] = [];
  const decoder = createDecoder({ ...options, onFrame: (frame) => void frames.push(frame) });
  const textDecoder = new TextDecoder();
  const reader = body.getReader();
  // Cancelling settles a pending read at once; how the source takes it is not ours to wait for.
  const cancel = () => void reader.cancel().catch(() => {});
  const throwIfAborted = () => {
    if (signal?.aborted)
      throw new AssistantError('aborted', 'The request was stopped.', { cause: signal.reason });
  };
  signal?.addEventListener('abort', cancel);
  try {
    for (;;) {
      throwIfAborted();
      const { done, value } = await reader.read().catch((cause: unknown) => {
        throwIfAborted();
        throw new AssistantError('stream_interrupted', 'The connection was lost.', {
          isRetryable: true,
          cause,
        });
      });
      throwIfAborted();
      let fault: unknown;
      try {
        decoder.feed(textDecoder.decode(value, { stream: !done }));
        if (done) decoder.end();
      } catch (error) {
        fault = error;
      }
      const ready = frames;
      frames = [];
      for (const frame of ready) {
        const handling = onFrame(frame);
        if (handling) await handling;
        throwIfAborted();
      }
      if (fault !== undefined) throw fault;
      if (done) return;
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}
