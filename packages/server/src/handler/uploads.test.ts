import { expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';

// What needs a client of the test's own; all else that uploads may try is in `suites/hostile-uploads.ts`.
it('an upload is passed on while it comes: a large one is never in memory as a whole', async () => {
  const size = 40_000_000;
  const large = startChat({ turns: [], limits: { maxFileSize: size } });
  let sent = 0;
  let inFlight = 0;
  let most = 0;
  const { openai } = large;
  const watched = Object.assign(Object.create(openai) as typeof openai, {
    // A server that only counts what arrives.
    post: async (_path: string, { body }: { body: ReadableStream<Uint8Array> }) => {
      for await (const piece of body) {
        inFlight -= piece.byteLength;
        most = Math.max(most, inFlight);
      }
      return { id: 'file-counted' };
    },
  });
  const piece = new Uint8Array(65_536).fill(120);
  const head = new TextEncoder().encode(
    '--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n',
  );
  const end = new TextEncoder().encode('\r\n--b--\r\n');
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const next = sent === 0 ? head : sent < size - 100_000 ? piece : end;
        sent += next.byteLength;
        inFlight += next.byteLength;
        controller.enqueue(next);
        if (next === end) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  const streaming = startChat({ turns: [], limits: { maxFileSize: size }, openai: watched });
  const response = await streaming.handler.POST(
    new Request('http://chat.test/api/assistant/files', {
      method: 'POST',
      body,
      duplex: 'half',
      headers: { 'x-user': 'mallory', 'content-type': 'multipart/form-data; boundary=b' },
    } as RequestInit),
  );
  expect(response.status).toBe(201);
  expect(((await response.json()) as { size: number }).size).toBeGreaterThan(size - 200_000);
  expect(most).toBeLessThan(4 * 65_536);
  await Promise.all([large.close(), streaming.close()]);
});
