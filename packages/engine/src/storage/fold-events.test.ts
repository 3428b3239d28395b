import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { EventBatch, NewEvent } from './event-frames.ts';
import { readEvents, toBatches } from './event-frames.ts';
import { insertEvents, listEvents } from './events.ts';
import { foldEvents } from './fold-events.ts';
import type { Database } from './records.ts';
import { sqlite } from './sqlite.ts';

const run = 7;

/** A run whose commits brought so many events each; a negative number ends with a stop. */
async function store(sizes: number[], text = 'word'): Promise<{ database: Database; batches: EventBatch[] }> {
  const { database, close } = await sqlite(':memory:').open();
  onTestFinished(close);
  const batches: EventBatch[] = [];
  for (const size of sizes) {
    const events = Array.from({ length: Math.abs(size) }, (_, index): NewEvent => ({
      event: 'thread.message.delta',
      data: JSON.stringify({ text: `${text} ${index}` }),
      isStop: size < 0 && index === -size - 1,
    }));
    batches.push(...toBatches((batches.at(-1)?.last ?? -1) + 1, events));
  }
  await insertEvents(
    database,
    batches.map((batch) => ({ run, batch })),
  );
  return { database, batches };
}

async function readAll(database: Database, position: number): Promise<string[]> {
  const frames: string[] = [];
  for (;;) {
    const batches = await listEvents(database, run, position);
    if (batches.length === 0) return frames;
    for (const batch of batches) {
      for (const { sequence, data } of readEvents(batch)) frames.push(`${sequence} ${data}`);
    }
    position = batches.at(-1)!.last;
  }
}

async function rows(database: Database): Promise<{ count: number; bytes: number }> {
  const { rows } = await sql<{
    count: number;
    bytes: number;
  }>`select count(*) as count, sum(length(frames)) as bytes from events`.execute(database);
  return rows[0]!;
}

test('events that are put together read as before, after any of them', async () => {
  const { database } = await store([3, 1, 1, 40, -2, 1, 1, -1]);
  const whole = await readAll(database, -1);
  expect(whole).toHaveLength(50);
  await foldEvents(database, run);
  for (let position = -1; position < whole.length; position++) {
    expect(await readAll(database, position)).toEqual(whole.slice(position + 1));
  }
});

test('a stop stays the end of a row, so that a stream can end there', async () => {
  const { database } = await store([2, 2, -1, 1, 1, -1]);
  await foldEvents(database, run);
  const batches = await listEvents(database, run, -1);
  expect(batches.map(({ first, last, isStop }) => [first, last, isStop])).toEqual([
    [0, 4, true],
    [5, 7, true],
  ]);
});

test('a long run takes a small part of its room, in rows that a reader can hold', async () => {
  const { database } = await store(
    Array.from({ length: 3000 }, () => 1),
    'word '.repeat(30),
  );
  const before = await rows(database);
  await foldEvents(database, run);
  const folded = await rows(database);
  expect(folded.count).toBeGreaterThan(1);
  expect(folded.count).toBeLessThan(10);
  expect(folded.bytes).toBeLessThan(before.bytes / 10);
  expect(await readAll(database, 2990)).toHaveLength(9);
});

test('a run that was deleted meanwhile does not come back', async () => {
  const { database } = await store([1, 1, -1]);
  const execute = database.transaction.bind(database);
  database.transaction = () => {
    const builder = execute();
    const original = builder.execute.bind(builder);
    builder.execute = async (work) => {
      await database.deleteFrom('events').where('run', '=', run).execute();
      return original(work);
    };
    return builder;
  };
  await foldEvents(database, run);
  expect((await rows(database)).count).toBe(0);
});
