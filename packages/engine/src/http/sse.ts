import type { EventLog } from '../runs/event-log.ts';
import type { EventBatch } from '../storage/event-frames.ts';

/** A stream that was silent for as long, or up to twice as long, says in a comment that it lives. */
const keepAlive = 7_500;
const comment = Buffer.from(': still here\n\n');

const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};

const interrupted = {
  message: 'The engine had an error while it carried out the run.',
  type: 'server_error',
  param: null,
  code: null,
};

/**
 * Bytes that are pulled: nothing is read that nobody has asked for. Whoever leaves early closes it, which ends its own
 * reading and nothing else.
 */
export interface ByteSource {
  /** The next bytes; undefined at the end. One call at a time. */
  next(): Promise<Uint8Array | undefined>;
  close(): void;
}

/** What stands behind the body of a response, for a server that can do without the stream between. */
const sources = new WeakMap<ReadableStream, ByteSource>();

/** What a response's body reads from, if it is a stream of events. It has to be read instead of the body. */
export function sourceOf(response: Response): ByteSource | undefined {
  return response.body ? sources.get(response.body) : undefined;
}

/** The run's events as server-sent events. */
export async function streamRun(
  events: EventLog,
  runId: string,
  options: { position: number; toTheEnd: boolean; signal: AbortSignal },
): Promise<Response> {
  const { signal } = options;
  const source = await readRun(events, runId, options);
  let onAbort: (() => void) | undefined;
  const close = () => {
    if (onAbort) signal.removeEventListener('abort', onAbort);
    source.close();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort = () => {
          source.close();
          // A caller in this process gets its own reason, as from any fetch. A server's adapter gives a mere text: its
          // client is gone, nobody reads, and an error would only end up in the server's log.
          if (typeof signal.reason === 'string') controller.close();
          else controller.error(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      },
      async pull(controller) {
        const bytes = await source.next();
        if (signal.aborted) return;
        if (bytes) return controller.enqueue(bytes);
        controller.close();
        close();
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
  sources.set(body, { next: () => source.next(), close });
  return new Response(body, { headers });
}

/** Reads the run's events as the bytes that are sent, to the mark that says how they end. */
async function readRun(
  events: EventLog,
  runId: string,
  { position, toTheEnd }: { position: number; toTheEnd: boolean },
): Promise<ByteSource> {
  const reader = await events.read(runId, position, { toTheEnd });
  let isSilent = true;
  let isOver = false;
  const timer = setInterval(() => {
    // Only for one who waits: one that does not read gets no heap of comments.
    if (isSilent) reader.nudge();
    isSilent = true;
  }, keepAlive);
  timer.unref();
  const close = () => {
    isOver = true;
    clearInterval(timer);
    reader.close();
  };
  return {
    async next() {
      if (isOver) return undefined;
      isSilent = false;
      let batches: EventBatch[] | undefined;
      let end = 'event: done\ndata: [DONE]\n\n';
      try {
        batches = await reader.next();
      } catch {
        // What went wrong is in the log; readers learn that nothing more will come.
        end = `event: error\ndata: ${JSON.stringify(interrupted)}\n\n`;
      }
      // The reader may have been closed by one who left, who gets nothing more.
      if (isOver) return undefined;
      if (!batches) {
        close();
        return Buffer.from(end);
      }
      isSilent = false;
      if (batches.length === 0) return comment;
      return batches.length === 1 ? batches[0]!.frames : Buffer.concat(batches.map(({ frames }) => frames));
    },
    close,
  };
}
