import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedModel } from '@use-assistant/test-kit';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../test-support/start-engine.ts';
import { eventFramesMigration } from './event-frames-migration.ts';
import { after, readEvents, toBatches } from './event-frames.ts';
import { listEvents } from './events.ts';
import type { Database } from './records.ts';
import { sqlite } from './sqlite.ts';

const events = ['a', 'b', 'ü'].map((text) => ({ event: 'delta', data: JSON.stringify({ text }) }));

test('events are numbered, encoded once, and read back as they were', () => {
  const [batch] = toBatches(9, events);
  expect(batch).toMatchObject({ first: 9, last: 11, isStop: false });
  expect(new TextDecoder().decode(batch!.frames)).toBe(
    'id: 9\nevent: delta\ndata: {"text":"a"}\n\n' +
      'id: 10\nevent: delta\ndata: {"text":"b"}\n\n' +
      'id: 11\nevent: delta\ndata: {"text":"ü"}\n\n',
  );
  expect([...readEvents(batch!)]).toEqual(events.map((event, index) => ({ sequence: 9 + index, ...event })));
});

test('what comes after a position is cut out of a batch, at any position', () => {
  const [batch] = toBatches(9, events);
  const all = [...readEvents(batch!)];
  for (let position = 0; position < 11; position++) {
    const rest = after(batch!, position);
    expect([...readEvents(rest)]).toEqual(all.filter(({ sequence }) => sequence > position));
    expect(rest.last).toBe(11);
  }
});

test('an event that may end a stream ends its batch', () => {
  const batches = toBatches(0, [events[0]!, { ...events[1]!, isStop: true }, events[2]!]);
  expect(batches.map(({ first, last, isStop }) => [first, last, isStop])).toEqual([
    [0, 1, true],
    [2, 2, false],
  ]);
});

test('large events do not all stand in one batch, which readers hold whole', () => {
  const large = Array.from({ length: 40 }, (_, index) => ({
    event: 'delta',
    data: `"${index} ${'x'.repeat(5000)}"`,
  }));
  const batches = toBatches(0, large);
  for (const { frames } of batches) expect(frames.byteLength).toBeLessThan(40_000);
  const read = batches.flatMap((batch) => Array.from(readEvents(batch)));
  expect(read.map(({ sequence }) => sequence)).toEqual([...large.keys()]);
  expect(read.map(({ data }) => data)).toEqual(large.map(({ data }) => data));
});

test('runs that were stored an event a row are replayed by an engine that stores several', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const model = scriptedModel([{ parts: [{ text: ['It ', 'is ', 'sünny.'] }] }]);
  const first = startEngine({ model, storage: sqlite(folder) });
  const path = `/threads/${await first.thread()}/runs`;
  const body = JSON.stringify({ assistant_id: await first.assistant(), stream: true });
  const sent = await first.events(path, { method: 'POST', body });
  await first.engine.close();
  const { database, close } = await sqlite(folder).open();
  await backToAnEventARow(database);
  await eventFramesMigration.up(database);
  await close();

  const second = startEngine({ model, storage: sqlite(folder) });
  const stream = `${path}/${sent[0]!.data.id}/stream`;
  expect(await second.events(stream)).toEqual(sent);
  const rest = await second.events(stream, { headers: { 'last-event-id': '3' } });
  expect(rest).toEqual(sent.slice(4));
});

/** Makes the table what it was before the migration that the test is about. */
async function backToAnEventARow(database: Database): Promise<void> {
  const run = 1;
  const batches = await listEvents(database, run, -1);
  await sql`drop table events`.execute(database);
  await sql`create table events (run integer not null, sequence integer not null, event text not null,
    data text not null, primary key (run, sequence))`.execute(database);
  for (const batch of batches) {
    for (const { sequence, event, data } of readEvents(batch)) {
      await sql`insert into events values (${run}, ${sequence}, ${event}, ${data})`.execute(database);
    }
  }
}
