import { drain, withEngine } from './client.ts';
import { cpuMilliseconds, round, type Figure, type FigureRow } from './figure.ts';
import { pacedModel } from './paced-model.ts';

/** Starts this many runs, so many of them at a time, each on a thread of its own, and reads them to their ends. */
async function runs(count: number, atOnce: number, words: number): Promise<FigureRow> {
  return withEngine(pacedModel({ words }), async (_, client) => {
    const one = async () => drain(await client.stream(await client.thread()));
    for (let index = 0; index < 20; index += 1) await one();
    const cpu = process.cpuUsage();
    const begin = performance.now();
    let left = count;
    const work = async () => {
      while (left-- > 0) await one();
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    const seconds = (performance.now() - begin) / 1000;
    const cpuSeconds = cpuMilliseconds(cpu) / 1000;
    return {
      runs: count,
      'at once': atOnce,
      'words each': words,
      'runs/s': round(count / seconds, 0),
      'CPU ms/run': round((cpuSeconds * 1000) / count, 2),
      'tokens/s/core': round((count * words) / cpuSeconds, 0),
    };
  });
}

/** How much work one engine in one process does, with a model that costs nothing. */
export const throughput: Figure[] = [
  {
    title: 'Runs and tokens, in process, SQLite on disk',
    measure: async () => [
      await runs(300, 1, 5),
      await runs(1000, 50, 5),
      await runs(1000, 1000, 5),
      await runs(20, 1, 2000),
      await runs(100, 20, 1000),
    ],
  },
];
