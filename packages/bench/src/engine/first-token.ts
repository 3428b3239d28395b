import { drain, withEngine, createClient, type BenchClient } from './client.ts';
import { percentile, round, type Figure, type FigureRow } from './figure.ts';
import { pacedModel } from './paced-model.ts';
import { startServer } from './server.ts';

const samples = 400;

/** From the request for a run to its first word at the reader, with a model that answers at once. */
async function measure(how: string, client: BenchClient): Promise<FigureRow> {
  const times: number[] = [];
  for (let sample = -50; sample < samples; sample += 1) {
    const threadId = await client.thread();
    const begin = performance.now();
    await drain(await client.stream(threadId), () => {
      if (sample >= 0) times.push(performance.now() - begin);
    });
  }
  return {
    path: how,
    'p50 ms': round(percentile(times, 0.5), 2),
    'p99 ms': round(percentile(times, 0.99), 2),
  };
}

/** What the engine adds before the first word of a model. */
export const firstToken: Figure[] = [
  {
    title: 'Added time to first token',
    async measure() {
      const inProcess = await withEngine(pacedModel({ words: 3 }), (_, client) =>
        measure('in process', client),
      );
      const server = await startServer({ words: 3 });
      try {
        return [inProcess, await measure('HTTP, loopback', await createClient(server.send))];
      } finally {
        await server.stop();
      }
    },
  },
];
