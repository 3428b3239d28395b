import { doneFrame, encodeComment } from '@use-assistant/protocol';

/** How an event body behaves beside its frames. */
export interface EventBodyOptions {
  /** Milliseconds of silence after which a comment keeps the connection open. @default 15000 */
  heartbeat?: number;
  /** Milliseconds for which a reader may take nothing before it is given up. @default 60000 */
  stallTimeout?: number;
  /** What is written in silence. @default an SSE comment */
  keepAliveFrame?: string;
  /** What is written behind everything. @default `data: [DONE]` */
  lastFrame?: string;
  /** Called once when the reader leaves or is given up before the end. */
  onCancel?: () => void;
}

/** A response body of SSE frames: pull-based, bounded, encoded once per macrotask. */
export interface EventBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Whether nothing can be written any more. */
  readonly isClosed: boolean;
  /** Whether a source should wait before it writes more. */
  readonly isFull: boolean;
  /** Adds a frame. After the end, and after the reader left, it does nothing. */
  write(frame: string): void;
  /** Resolves when there is room for more; undefined when there is room now. */
  ready(): Promise<void> | undefined;
  /** Writes the last frame and ends the body. */
  end(): void;
}

/** What may wait beside what the stream itself holds before the source is asked to wait. */
const roomForFrames = 32 * 1024;
/** Frames can be tiny: their number has a limit of its own. */
const mostFrames = 512;
const streamBuffer = 16 * 1024;

/**
 * How often a stream may write in how many milliseconds. A write costs many times what a frame costs, and nobody sees
 * more than one change of the screen: at the pace of people every frame leaves at once, in a flood they leave together.
 */
const writesPerWindow = 4;
const writeWindow = 16;

// One network chunk per macrotask: frames that arrive together leave together.
const scope = globalThis as { setImmediate?: (task: () => void) => unknown };
const nextMacrotask: (task: () => void) => unknown = scope.setImmediate ?? ((task) => setTimeout(task, 0));

/** Makes the body of a streamed response. */
export function createEventBody(options: EventBodyOptions = {}): EventBody {
  const { heartbeat = 15_000, stallTimeout = 60_000, onCancel } = options;
  const { keepAliveFrame = encodeComment('keep-alive'), lastFrame = doneFrame } = options;
  const encoder = new TextEncoder();
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let frames: string[] = [];
  let size = 0;
  let isFlushPlanned = false;
  let flood: ReturnType<typeof setTimeout> | undefined;
  let windowStart = 0;
  let writes = 0;
  let isEnded = false;
  let isClosed = false;
  let isQuiet = true;
  let waiters: (() => void)[] = [];
  let stall: ReturnType<typeof setTimeout> | undefined;

  const beat = setInterval(() => {
    if (isQuiet && frames.length === 0 && hasRoom()) controller.enqueue(encoder.encode(keepAliveFrame));
    isQuiet = true;
  }, heartbeat);

  const stream = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      pull() {
        if (!isFlushPlanned) flush();
      },
      cancel() {
        leave();
      },
    },
    { highWaterMark: streamBuffer, size: (bytes) => bytes.byteLength },
  );

  function isFull(): boolean {
    return size >= roomForFrames || frames.length >= mostFrames;
  }

  function hasRoom(): boolean {
    return !isClosed && (controller.desiredSize ?? 0) > 0;
  }

  function flush(): void {
    isFlushPlanned = false;
    clearTimeout(flood);
    flood = undefined;
    if (isClosed) return;
    if (frames.length > 0) {
      if (!hasRoom()) {
        stall ??= setTimeout(giveUp, stallTimeout);
        return;
      }
      const bytes = encoder.encode(frames.join(''));
      frames = [];
      size = 0;
      isQuiet = false;
      writes += 1;
      controller.enqueue(bytes);
      // A waiting reader pulls at once, and that pull may have been the last.
      if (isClosed) return;
    }
    clearTimeout(stall);
    stall = undefined;
    if (isEnded) {
      close();
      controller.close();
    } else {
      wake();
    }
  }

  /** Plans the next write. What cannot wait, an end or a full buffer, also ends a wait that was planned. */
  function plan(isUrgent: boolean): void {
    if (isFlushPlanned && !(isUrgent && flood !== undefined)) return;
    isFlushPlanned = true;
    clearTimeout(flood);
    flood = undefined;
    const now = performance.now();
    if (now - windowStart >= writeWindow) {
      windowStart = now;
      writes = 0;
    }
    if (isUrgent || writes < writesPerWindow) nextMacrotask(flush);
    else flood = setTimeout(flush, windowStart + writeWindow - now);
  }

  function wake(): void {
    const woken = waiters;
    waiters = [];
    for (const wakeOne of woken) wakeOne();
  }

  function close(): void {
    isClosed = true;
    clearInterval(beat);
    clearTimeout(stall);
    clearTimeout(flood);
    frames = [];
    size = 0;
    wake();
  }

  function leave(): void {
    if (isClosed) return;
    close();
    onCancel?.();
  }

  function giveUp(): void {
    if (isClosed) return;
    leave();
    controller.error(new Error('The reader took nothing for too long.'));
  }

  return {
    stream,
    get isClosed() {
      return isClosed || isEnded;
    },
    get isFull() {
      return !isClosed && isFull();
    },
    write(frame) {
      if (isClosed || isEnded) return;
      frames.push(frame);
      size += frame.length;
      plan(isFull());
    },
    ready() {
      if (isClosed || !isFull()) return undefined;
      return new Promise((resolve) => waiters.push(resolve));
    },
    end() {
      if (isClosed || isEnded) return;
      if (lastFrame !== '') frames.push(lastFrame);
      isEnded = true;
      plan(true);
    },
  };
}
