/** Milliseconds that are left for the end of an answer before the platform ends the function. */
const spare = 1000;

/** What a reader is told who cannot come back for the rest. */
export const timeIsUp =
  'This answer takes longer than the server may take, and is cut off here. Wait a moment, then ask for the rest.';

/**
 * The response, ended before the function's time is up. It just stops, without the stream's last words, so the reader comes
 * back with the id of the last event that it has seen; for readers that cannot, `lastLine` is written. `onEnd` is called
 * before the body is cancelled.
 */
export function endInTime(
  response: Response,
  maxDuration: number,
  { onEnd, lastLine }: { onEnd: () => void; lastLine?: string | undefined },
): Response {
  const reader = response.body?.getReader();
  if (!reader) return response;
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  const time = Math.max(maxDuration * 1000 - spare, (maxDuration * 1000) / 2);
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    onEnd();
    if (lastLine !== undefined) controller.enqueue(new TextEncoder().encode(lastLine));
    controller.close();
    void reader.cancel().catch(() => undefined);
  }, time);
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      async pull() {
        try {
          const { done, value } = await reader.read();
          if (isOver) return;
          if (!done) return controller.enqueue(value);
          end();
          controller.close();
        } catch (error) {
          end();
          controller.error(error);
        }
      },
      async cancel(reason) {
        end();
        await reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  function end(): void {
    isOver = true;
    clearTimeout(timer);
  }
  return new Response(body, response);
}
