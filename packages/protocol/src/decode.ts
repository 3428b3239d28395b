import { createParser } from 'eventsource-parser';
import type { EventSourceMessage } from 'eventsource-parser';
import type { AssistantChunk } from './chunks.ts';
import { AssistantError } from './errors.ts';
import { parseJson } from './safe-json.ts';
import { chunkShape } from './shape.ts';

/** A chunk with the `id:` of its frame, which is a cursor if the stream is ours. */
export interface DecodedFrame {
  chunk: AssistantChunk;
  id: string | undefined;
}

/** What a `Decoder` calls, and how much it holds. */
export interface DecoderOptions {
  onFrame: (frame: DecodedFrame) => void;
  /** Called for comments, which servers send to keep an idle stream alive. */
  onComment?: () => void;
  /** The longest frame, in characters. @default 16 Mi */
  maxFrameLength?: number;
}

/** Turns text into frames as it arrives, for readers with a loop of their own. */
export interface Decoder {
  /** Takes the next piece of text, cut anywhere. Throws `stream_protocol`; the frames before the fault were delivered. */
  feed(text: string): void;
  /** Says that the text is over. Throws `stream_protocol` when it was no event stream at all. */
  end(): void;
  /** Whether `[DONE]` was seen. It may be missing or misplaced: only a terminal chunk ends a run. */
  readonly isDone: boolean;
}

/** How to read a stream. */
export interface DecodeStreamOptions {
  /** Ends the reading: the pending `next` rejects with `aborted`, the body is cancelled. */
  signal?: AbortSignal;
  /** Called for comments, which servers send to keep an idle stream alive. */
  onComment?: () => void;
  /** The longest frame, in characters. @default 16 Mi */
  maxFrameLength?: number;
}

const defaultMaxFrameLength = 16 * 1024 * 1024;

/** The lines of the AI SDK's older data streams: `5:{`, `0:"`, `f:{`, `2:[`. */
const v4Line = /^[\da-k]:["{[]/;

/** What a line of an event stream begins with; nothing before the colon makes a comment. */
const eventField = /^(?:data|id|event|retry)?:/;
const longestField = 'event:'.length;

/**
 * Creates a push decoder.
 *
 * What it forgives: unknown chunk types (passed on, reducers ignore them), unknown SSE fields, comments, named events
 * that carry no chunk, `[DONE]` anywhere, a frame cut off by the end. What it does not: a frame whose JSON is broken, or
 * whose type is known and whose fields are not. Skipping it would leave a silent hole in the text; failing at it loses
 * nothing, because the reader asks again with the last id and gets that frame once more. So the error is retryable.
 */
export function createDecoder(options: DecoderOptions): Decoder {
  const { onFrame, onComment, maxFrameLength = defaultMaxFrameLength } = options;
  let isDone = false;
  let failure: AssistantError | undefined;
  /** The first characters, until they tell what kind of body this is. */
  let head: string | undefined = '';
  let hasContent = false;
  let hasEvents = false;

  const parser = createParser({
    maxBufferSize: maxFrameLength,
    onEvent,
    onComment() {
      hasEvents = true;
      onComment?.();
    },
    onError(error) {
      if (error.type !== 'max-buffer-size-exceeded') return;
      fail(`A frame of the stream is longer than ${maxFrameLength} characters.`, false);
    },
  });

  function fail(message: string, isRetryable: boolean, cause?: unknown): never {
    failure = new AssistantError('stream_protocol', message, { isRetryable, cause });
    throw failure;
  }

  function onEvent(event: EventSourceMessage): void {
    hasEvents = true;
    const { data, id } = event;
    if (data === '[DONE]') {
      isDone = true;
      return;
    }
    if (data === '') return;
    let chunk: unknown;
    try {
      chunk = parseJson(data);
    } catch (error) {
      if (event.event !== undefined) return;
      fail('A frame of the stream could not be read.', true, error);
    }
    if (chunkShape(chunk) === 'malformed') {
      if (event.event !== undefined) return;
      fail('A frame of the stream is not what its type says.', true);
    }
    onFrame({ chunk: chunk as AssistantChunk, id });
  }

  /** Tells by the first characters what kind of body this is. */
  function inspectHead(text: string, isLast = false): void {
    head += text;
    const start = head!.replace(/^\uFEFF/, '').trimStart();
    if (start.length < longestField && !isLast) return;
    head = undefined;
    hasEvents ||= eventField.test(start);
    if (!v4Line.test(start)) return;
    fail(
      "The server answers with the AI SDK's v4 data stream, not with UI message stream v1. Update the route, or use the v4 hook.",
      false,
    );
  }

  return {
    feed(text) {
      if (failure) throw failure;
      if (text === '') return;
      hasContent ||= text.trim() !== '';
      if (head !== undefined) inspectHead(text);
      parser.feed(text);
    },
    end() {
      if (failure) throw failure;
      if (head !== undefined) inspectHead('', true);
      if (hasContent && !hasEvents) {
        fail('The response is not a UI message stream: it has text, but no events.', false);
      }
    },
    get isDone() {
      return isDone;
    },
  };
}

/**
 * Reads a response body frame by frame; see `createDecoder` for what it forgives. Single consumption: leaving the loop
 * cancels the body. A lost connection rejects with `stream_interrupted`, the signal with `aborted`. A body that ends
 * without a terminal chunk just ends here: whoever reduces the chunks knows whether the run is over.
 * The generator returns whether `[DONE]` was seen.
 */
export function decodeStream(
  body: ReadableStream<Uint8Array>,
  options: DecodeStreamOptions = {},
): AsyncGenerator<DecodedFrame, { isDone: boolean }, undefined> {
  const reader = body.getReader();
  // Cancelling settles a pending read at once; how the source takes it is not ours to wait for.
  const cancel = () => void reader.cancel().catch(() => undefined);
  const frames = readFrames(reader, cancel, options);
  const leave = frames.return.bind(frames);
  // A generator's own `return` queues behind the pending read, and before the first `next` it runs no `finally`.
  frames.return = (value) => {
    cancel();
    return leave(value);
  };
  return frames;
}

async function* readFrames(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  cancel: () => void,
  options: DecodeStreamOptions,
): AsyncGenerator<DecodedFrame, { isDone: boolean }, undefined> {
  const { signal, ...decoderOptions } = options;
  let frames: DecodedFrame[] = [];
  const decoder = createDecoder({ ...decoderOptions, onFrame: (frame) => void frames.push(frame) });
  const textDecoder = new TextDecoder();
  const throwIfAborted = () => {
    if (signal?.aborted)
      throw new AssistantError('aborted', 'The reading was stopped.', { cause: signal.reason });
  };
  signal?.addEventListener('abort', cancel);
  try {
    while (true) {
      throwIfAborted();
      const { done, value } = await reader.read().catch((error: unknown) => {
        throwIfAborted();
        throw toReadError(error);
      });
      throwIfAborted();
      let fault: unknown;
      try {
        decoder.feed(done ? textDecoder.decode() : textDecoder.decode(value, { stream: true }));
        if (done) decoder.end();
      } catch (error) {
        fault = error;
      }
      const ready = frames;
      frames = [];
      for (const frame of ready) {
        yield frame;
        throwIfAborted();
      }
      if (fault !== undefined) throw fault;
      if (done) return { isDone: decoder.isDone };
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

function toReadError(error: unknown): AssistantError {
  if (error instanceof Error && error.name === 'AbortError') {
    return new AssistantError('aborted', 'The reading was stopped.', { cause: error });
  }
  return new AssistantError('stream_interrupted', 'The connection was lost while the answer came in.', {
    isRetryable: true,
    cause: error,
  });
}
