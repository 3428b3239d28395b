import type { AssistantChunk } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { createEventStreamParser } from './event-stream.ts';
import { parseJson } from './safe-json.ts';
import { plainShape } from './shape.ts';

/** A chunk with the `id:` of its frame, which is a cursor if the stream is ours. */
export interface DecodedFrame {
  chunk: AssistantChunk;
  id: string | undefined;
}

/** What a `Decoder` calls, and how much it holds. */
export interface DecoderOptions {
  onFrame: (frame: DecodedFrame) => void;
  /** Called for comments, which servers send to keep an idle stream alive. */
  onComment?: (() => void) | undefined;
  /** The longest frame, in characters. @default 16 Mi */
  maxFrameLength?: number | undefined;
}

/** Turns text into frames as it arrives, for readers with a loop of their own. */
export interface Decoder {
  /** Takes the next piece of text, cut anywhere. Throws `stream_protocol`, and then it is over; the frames before the fault were delivered. */
  feed(text: string): void;
  /** Says that the text is over. Throws `stream_protocol` when it was no event stream at all. */
  end(): void;
}

/**
 * Creates a push decoder.
 *
 * What it forgives: unknown chunk types (passed on, reducers ignore them), unknown SSE fields, comments, named events
 * that carry no chunk, `[DONE]` anywhere, a frame cut off by the end. What it does not: a frame whose JSON is broken, or
 * that is no chunk, or one of a plain answer whose fields are not what its type says (reducers look at the others).
 * Skipping it would leave a silent hole in the text; failing at it loses
 * nothing, because the reader asks again with the last id and gets that frame once more. So the error is retryable.
 */
export function createDecoder({ onFrame, onComment, maxFrameLength = 2 ** 24 }: DecoderOptions): Decoder {
  let hasEvents = false;

  function fail(message: string, isRetryable = false, cause?: unknown): never {
    throw new AssistantError('stream_protocol', message, { isRetryable, cause });
  }

  const parser = createEventStreamParser({
    onEvent({ data, event, id }) {
      hasEvents = true;
      // The mark may be missing or misplaced: only a terminal chunk ends a run.
      if (data === '[DONE]' || data === '') return;
      let chunk: unknown;
      let cause: unknown;
      try {
        chunk = parseJson(data);
      } catch (error) {
        cause = error;
      }
      if (plainShape(chunk) !== 'malformed') return onFrame({ chunk: chunk as AssistantChunk, id });
      if (event === undefined) fail('A frame of the stream could not be read.', true, cause);
    },
    onComment() {
      hasEvents = true;
      onComment?.();
    },
    onForeign: refuse,
  });

  /** What stands before any event tells what kind of body this is. */
  function refuse(line: string): void {
    if (hasEvents || line.trim() === '') return;
    fail('The response is no UI message stream v1. For v4 there is the v4 hook.');
  }

  return {
    feed(text) {
      parser.feed(text);
      if (parser.held > maxFrameLength) fail('A frame of the stream is too long.');
    },
    end() {
      // A frame that was cut off is none; a line that was tells what kind of body this is.
      if (parser.rest) parser.feed('\n');
    },
  };
}
