import type { EventLog, LoggedEvent } from '../runs/event-log.ts';

/** How long a stream may be silent before a comment says that it lives. */
const keepAlive = 15_000;
/** Characters in a chunk, about: what a reader takes at a time. */
const maxChunk = 256 * 1024;

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
 * The run's events as server-sent events. Pulled: nothing is read that the reader has not asked for. A reader that
 * leaves ends its own reading and nothing else.
 */
export async function streamRun(
  events: EventLog,
  runId: string,
  options: { position: number; toTheEnd: boolean; signal: AbortSignal },
): Promise<Response> {
  const { position, toTheEnd, signal } = options;
  const reader = await events.read(runId, position, { toTheEnd });
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const close = () => {
    clearInterval(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
    reader.close();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const comment = Buffer.from(': still here\n\n');
        timer = setInterval(() => {
          // Only for a reader that waits: one that does not read gets no heap of comments.
          if ((controller.desiredSize ?? 0) > 0) controller.enqueue(comment);
        }, keepAlive);
        timer.unref();
        onAbort = () => {
          close();
          // A caller in this process gets its own reason, as from any fetch. A server's adapter gives a mere text: its
          // client is gone, nobody reads, and an error would only end up in the server's log.
          if (typeof signal.reason === 'string') controller.close();
          else controller.error(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      },
      async pull(controller) {
        let batch: LoggedEvent[] | undefined;
        let end = 'event: done\ndata: [DONE]\n\n';
        try {
          batch = await reader.next();
        } catch {
          // What went wrong is in the log; readers learn that nothing more will come.
          end = `event: error\ndata: ${JSON.stringify(interrupted)}\n\n`;
        }
        if (signal.aborted) return;
        if (!batch) {
          controller.enqueue(Buffer.from(end));
          controller.close();
          close();
          return;
        }
        timer?.refresh();
        let text = '';
        for (const { sequence, event, data } of batch) {
          text += `id: ${sequence}\nevent: ${event}\ndata: ${data}\n\n`;
          if (text.length > maxChunk) {
            controller.enqueue(Buffer.from(text));
            text = '';
          }
        }
        if (text !== '') controller.enqueue(Buffer.from(text));
      },
      cancel: close,
    },
    { highWaterMark: 1 },
  );
  return new Response(body, { headers });
}
