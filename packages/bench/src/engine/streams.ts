import { request } from 'node:http';
import { loadavg } from 'node:os';
import { createClient } from './client.ts';
import { percentile, round, type Figure } from './figure.ts';
import { startServer, type BenchServer } from './server.ts';

/** Reads a path as a stream, over a connection of its own; answers a function that leaves. */
function open(
  server: BenchServer,
  path: string,
  options: { body?: unknown; onData?: (bytes: Buffer) => void } = {},
): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const { body, onData = () => {} } = options;
    const sent = request(
      `${server.url}${path}`,
      {
        agent: false,
        method: body === undefined ? 'GET' : 'POST',
        headers: { 'content-type': 'application/json' },
      },
      (response) => {
        response.on('data', onData).on('error', () => {});
        resolve(() => sent.destroy());
      },
    );
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** Does the work for each number, so many at a time. */
async function forEach(count: number, atOnce: number, work: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

async function manyStreams(count: number, perSecond: number) {
  const server = await startServer({ words: 100_000, every: 1000 / perSecond });
  const leave: (() => void)[] = [];
  try {
    const client = await createClient(server.send);
    let bytes = 0;
    let words = 0;
    const wordsOf = new Uint32Array(count);
    const gaps: number[] = [];
    const begin = performance.now();
    await forEach(count, 50, async (index) => {
      const thread = await client.thread();
      let last: number | undefined;
      const body = { assistant_id: client.assistantId, stream: true };
      const onData = (data: Buffer) => {
        bytes += data.length;
        // Its own frame each, however many came in one piece.
        for (let at = data.indexOf(mark); at >= 0; at = data.indexOf(mark, at + mark.length)) {
          words += 1;
          wordsOf[index]! += 1;
        }
        const now = performance.now();
        if (index < 20 && last !== undefined) gaps.push(now - last);
        last = now;
      };
      leave.push(await open(server, `/threads/${thread}/runs`, { body, onData }));
    });
    const opened = performance.now() - begin;
    server.go();
    // Into its stride first.
    await new Promise((resolve) => setTimeout(resolve, 2000));
    const before = await server.usage();
    [bytes, words, gaps.length] = [0, 0, 0];
    wordsOf.fill(0);
    const own = process.cpuUsage();
    const from = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const seconds = (performance.now() - from) / 1000;
    const [inAll, kept] = [words, wordsOf.filter((own) => own >= seconds * perSecond * 0.95).length];
    const after = await server.usage();
    const { user, system } = process.cpuUsage(own);
    const engineCpu = after.cpuMilliseconds - before.cpuMilliseconds;
    return {
      streams: count,
      'words/s asked for': count * perSecond,
      'words/s arrived': round(inAll / seconds, 0),
      'streams at pace %': round((kept / count) * 100),
      'engine CPU µs/word': round((engineCpu * 1000) / inAll),
      'engine CPU %': round(engineCpu / seconds / 10, 0),
      'load of the machine': round(loadavg()[0]!),
      'reader CPU %': round((user + system) / 1000 / seconds / 10, 0),
      'MB/s': round(bytes / seconds / 2 ** 20),
      'gap p99 ms': round(percentile(gaps, 0.99), 0),
      'opening s': round(opened / 1000),
    };
  } finally {
    for (const close of leave) close();
    await server.stop();
  }
}

const mark = Buffer.from('event: thread.message.delta');

async function idleStreams(runs: number, readersEach: number) {
  const server = await startServer({ words: 1, hangs: true });
  const leave: (() => void)[] = [];
  try {
    const client = await createClient(server.send);
    const paths: string[] = [];
    const empty = await server.usage();
    await forEach(runs, 20, async () => {
      const thread = await client.thread();
      const body = JSON.stringify({ assistant_id: client.assistantId });
      const response = await client.send(`/threads/${thread}/runs`, { method: 'POST', body });
      const { id } = (await response.json()) as { id: string };
      paths.push(`/threads/${thread}/runs/${id}/stream`);
    });
    const before = await server.usage();
    await forEach(runs * readersEach, 50, async (index) => {
      leave.push(await open(server, paths[index % runs]!));
    });
    const after = await server.usage();
    const count = runs * readersEach;
    return {
      runs,
      streams: count,
      'MB without': round(empty.memory / 2 ** 20, 0),
      'MB in all': round(after.memory / 2 ** 20, 0),
      'KB per run': round((before.memory - empty.memory) / runs / 1024),
      'KB per idle stream': round((after.memory - before.memory) / count / 1024),
    };
  } finally {
    for (const close of leave) close();
    await server.stop();
  }
}

/** Many readers of one engine, over HTTP, the engine in a process of its own. */
export const streams: Figure[] = [
  {
    title: 'Concurrent streams at 20 words/s',
    measure: async () => [await manyStreams(200, 20), await manyStreams(2000, 20)],
  },
  { title: 'Idle streams', measure: async () => [await idleStreams(1000, 10)] },
];
