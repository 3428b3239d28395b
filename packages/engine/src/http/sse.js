/** How long a stream may be silent before a comment says that it lives. */
const keepAlive = 15_000;
/** Characters in a chunk, about: what a reader takes at a time. */
const maxChunk = 256 * 1024;
const headers = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
};
/**
 * The run's events as server-sent events. Pulled: nothing is read that the reader has not asked for. A reader that
 * leaves ends its own reading and nothing else.
 */
export async function streamRun(events, runId, options) {
  const { position, toTheEnd, signal } = options;
  const reader = await events.read(runId, position, { toTheEnd });
  let timer;
  let onAbort;
  const close = () => {
    clearInterval(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
    reader.close();
  };
  const body = new ReadableStream(
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
          controller.error(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
        if (signal.aborted) onAbort();
      },
      async pull(controller) {
        const batch = await reader.next();
        if (signal.aborted) return;
        if (!batch) {
          controller.enqueue(Buffer.from('event: done\ndata: [DONE]\n\n'));
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
//# sourceMappingURL=sse.js.map
