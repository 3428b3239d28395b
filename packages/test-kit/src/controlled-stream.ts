/** A stream in the hands of a test. */
export interface ControlledStream<Chunk> {
  readonly stream: ReadableStream<Chunk>;
  /** Puts a chunk into the stream, whether or not anybody asked for it. */
  push(chunk: Chunk): void;
  /** Ends the stream. */
  close(): void;
  /** Breaks the stream, as a lost connection does. */
  fail(error: unknown): void;
  /** How many chunks the reader would take now; 0 or less while it stalls, null once the stream has failed. */
  readonly desiredSize: number | null;
  /** How often the reader has asked. */
  readonly pulls: number;
  /** Settles at the next ask; at once when one is unanswered. */
  pulled(): Promise<void>;
  readonly isCancelled: boolean;
  /** Settles with the reason once the reader has cancelled. */
  readonly cancelled: Promise<unknown>;
}

/** How the stream holds back. */
export interface ControlledStreamOptions {
  /** How many chunks may wait for the reader. @default 0: it asks only while it waits for a chunk */
  highWaterMark?: number;
}

/** Creates a stream that gives only what the test pushes into it, and shows what its reader does. */
export function controlledStream<Chunk = Uint8Array>(
  options: ControlledStreamOptions = {},
): ControlledStream<Chunk> {
  const { highWaterMark = 0 } = options;
  const cancelled = Promise.withResolvers<unknown>();
  let controller!: ReadableStreamDefaultController<Chunk>;
  let asked = Promise.withResolvers<void>();
  let pulls = 0;
  let isCancelled = false;

  const stream = new ReadableStream<Chunk>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        pulls += 1;
        asked.resolve();
      },
      cancel(reason) {
        isCancelled = true;
        cancelled.resolve(reason);
      },
    },
    { highWaterMark },
  );

  return {
    stream,
    push(chunk) {
      asked = Promise.withResolvers<void>();
      controller.enqueue(chunk);
    },
    close: () => controller.close(),
    fail: (error) => controller.error(error),
    pulled: () => asked.promise,
    cancelled: cancelled.promise,
    get desiredSize() {
      return controller.desiredSize;
    },
    get pulls() {
      return pulls;
    },
    get isCancelled() {
      return isCancelled;
    },
  };
}
