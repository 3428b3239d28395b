import { DatabaseSync } from 'node:sqlite';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { drain, withEngine } from './client.ts';
import { cpuMilliseconds, round, type Figure } from './figure.ts';
import { pacedModel } from './paced-model.ts';

async function messages() {
  return withEngine(pacedModel({ words: 3 }), async (_, client) => {
    const warm = await client.thread();
    for (let index = 0; index < 200; index += 1) await client.message(warm, 'Hello');
    const threadId = await client.thread();
    const spans = [
      [1, 50],
      [451, 500],
      [951, 1000],
    ] as const;
    const rows = [];
    let number = 0;
    for (const [from, to] of spans) {
      for (; number < from - 1; number += 1) await client.message(threadId, 'Hello');
      const cpu = process.cpuUsage();
      for (; number < to; number += 1) await client.message(threadId, 'Hello');
      const perMessage = cpuMilliseconds(cpu) / (to - from + 1);
      const begin = process.cpuUsage();
      for (let run = 0; run < 5; run += 1) await drain(await client.stream(threadId));
      rows.push({
        messages: `${from} to ${to}`,
        'CPU ms/message': round(perMessage, 3),
        'CPU ms/run then': round(cpuMilliseconds(begin) / 5, 2),
      });
    }
    return rows;
  });
}

async function size() {
  const runs = 50;
  const words = 1000;
  return withEngine(pacedModel({ words }), async (engine, client, folder) => {
    const path = join(folder, 'engine.db');
    const inUse = () => {
      const database = new DatabaseSync(path);
      const read = (pragma: string) => Number(Object.values(database.prepare(`pragma ${pragma}`).get()!)[0]);
      database.exec('pragma wal_checkpoint(truncate)');
      const bytes = (read('page_count') - read('freelist_count')) * read('page_size');
      database.close();
      return bytes;
    };
    await drain(await client.stream(await client.thread()));
    const before = inUse();
    for (let run = 0; run < runs; run += 1) await drain(await client.stream(await client.thread()));
    // The events of runs that are over are put together by then.
    await engine.close();
    const kilobytes = (bytes: number) => round(bytes / 1024 / runs / (words / 1000));
    return [
      {
        tokens: runs * words,
        'KB per 1,000 tokens': kilobytes(inUse() - before),
        'KB of file, with free pages': kilobytes(statSync(path).size),
      },
    ];
  });
}

/** What costs more the more there is. */
export const growth: Figure[] = [
  { title: 'A message, and a run, as their thread grows', measure: messages },
  { title: 'Size of the database', measure: size },
];
