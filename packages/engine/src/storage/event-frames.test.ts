import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { startEngine } from '../test-support/start-engine.ts';
import { eventFramesMigration } from './event-frames-migration.ts';
import { after, readEvents, toBatches } from './event-frames.ts';
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
  backToAnEventARow(join(folder, 'engine.db'));
  await eventFramesMigration.up(database);
  await close();

  const second = startEngine({ model, storage: sqlite(folder) });
  const stream = `${path}/${sent[0]!.data.id}/stream`;
  expect(await second.events(stream)).toEqual(sent);
  const rest = await second.events(stream, { headers: { 'last-event-id': '3' } });
  expect(rest).toEqual(sent.slice(4));
});

/** Makes the table what it was before the migration that the test is about. */
function backToAnEventARow(path: string): void {
  const database = new DatabaseSync(path);
  const rows = database.prepare('select * from events').all() as {
    run: number;
    sequence: number;
    last: number;
    is_stop: number;
    frames: Uint8Array;
  }[];
  database.exec('begin; drop table events');
  database.exec(`create table events (run integer not null, sequence integer not null, event text not null,
    data text not null, primary key (run, sequence))`);
  const insert = database.prepare('insert into events values (?, ?, ?, ?)');
  for (const { run, sequence, last, is_stop, frames } of rows) {
    for (const event of readEvents({ first: sequence, last, isStop: is_stop === 1, frames })) {
      insert.run(run, event.sequence, event.event, event.data);
    }
  }
  database.exec('commit');
  database.close();
}
