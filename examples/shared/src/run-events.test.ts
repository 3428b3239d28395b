import OpenAI, { type ClientOptions } from 'openai';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runEvents } from './index.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Reads a run of an engine that answers like this, until a limit of a minute. */
async function read(fetch: NonNullable<ClientOptions['fetch']>): Promise<{ seen: string[]; error: unknown }> {
  const openai = new OpenAI({ baseURL: 'http://engine.local/v1', apiKey: 'none', maxRetries: 0, fetch });
  const limit = new AbortController();
  setTimeout(() => limit.abort(new Error('Time is over')), 60_000);
  const start = (signal: AbortSignal) =>
    openai.beta.threads.runs.create('thread_1', { assistant_id: 'asst_1', stream: true }, { signal });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { event } of runEvents({ openai, start, tools: {}, signal: limit.signal }))
      seen.push(event);
  })();
  const error = reading.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  await vi.advanceTimersByTimeAsync(90_000);
  return { seen, error: await error };
}

const never = (signal: AbortSignal | null | undefined): Promise<never> =>
  new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));

const begun: [name: string, data: object] = [
  'thread.run.in_progress',
  { id: 'run_1', thread_id: 'thread_1', status: 'in_progress' },
];

function stream(signal: AbortSignal | null | undefined, ...events: [name: string, data: object][]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const text = events.map(([name, data]) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`).join('');
      controller.enqueue(new TextEncoder().encode(text));
      signal?.addEventListener('abort', () => controller.error(signal.reason));
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

it('ends with the reason of the signal when the engine never answers', async () => {
  expect(await read((_, init) => never(init?.signal))).toEqual({
    seen: [],
    error: new Error('Time is over'),
  });
});

it('ends with it when the engine begins a stream and says nothing', async () => {
  expect(await read(async (_, init) => stream(init?.signal))).toEqual({
    seen: [],
    error: new Error('Time is over'),
  });
});

it('ends with it when the engine hangs in the middle, even if it takes no cancel', async () => {
  const paths: string[] = [];
  const { seen, error } = await read(async (url, init) => {
    paths.push(new URL(String(url)).pathname);
    if (paths.length > 1) return never(init?.signal);
    return stream(init?.signal, begun);
  });
  expect(seen).toEqual(['thread.run.in_progress']);
  expect(error).toEqual(new Error('Time is over'));
  expect(paths).toEqual(['/v1/threads/thread_1/runs', '/v1/threads/thread_1/runs/run_1/cancel']);
});

it('says so when the engine is lost in the middle', async () => {
  const { error } = await read(async (url) => {
    if (String(url).endsWith('/cancel')) throw new Error('refused');
    const lost = new AbortController();
    setTimeout(() => lost.abort(new TypeError('terminated')), 1000);
    return stream(lost.signal, begun);
  });
  expect(error).toMatchObject({ status: 502, message: expect.stringMatching(/^The engine was lost/) });
});
