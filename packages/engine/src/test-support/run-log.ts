import { EventLog } from '../runs/event-log.ts';
import type { EventReader } from '../runs/event-reader.ts';
import { createId } from '../ids.ts';
import { readEvents } from '../storage/event-frames.ts';
import type { OpenStorage } from '../storage/port.ts';
import { insertRun, type Database } from '../storage/records.ts';
import { sqlite } from '../storage/sqlite.ts';
import { nowSeconds, type EventData, type Run } from '../wire.ts';
import { noUsage } from '../runs/usage.ts';

/** A log of events on a storage, without an engine around it. */
export interface OpenLog {
  log: EventLog;
  database: Database;
  storage: OpenStorage;
  close(): Promise<void>;
}

export async function openLog(directory = ':memory:'): Promise<OpenLog> {
  const storage = await sqlite(directory).open();
  const log = new EventLog(storage.database, () => {});
  return {
    log,
    storage,
    database: storage.database,
    async close() {
      await log.close();
      await storage.close();
    },
  };
}

/** Stores a run that nobody carries out. */
export async function storeRun(database: Database): Promise<Run> {
  const run = {
    id: createId('run'),
    object: 'thread.run',
    created_at: nowSeconds(),
    thread_id: createId('thread'),
    status: 'in_progress',
    expires_at: nowSeconds() + 600,
    metadata: {},
  } as Run;
  const details = { reasoningEffort: null, temperature: null, topP: null, turns: 0, usage: noUsage };
  await insertRun(database, run, details, 'engine_test');
  return run;
}

/** A delta that can be told from others. */
export function delta(text: string): EventData['thread.message.delta'] {
  const content = [{ index: 0, type: 'text' as const, text: { value: text } }];
  return { id: 'msg_test', object: 'thread.message.delta', delta: { content } };
}

/** An event as its number and what it says: the text of a delta, or else its name. */
function say(sequence: number, event: string, data: string): string {
  return `${sequence} ${event === 'thread.message.delta' ? JSON.parse(data).delta.content[0].text.value : event}`;
}

/** What the reader has been given so far, read on until it waits. */
export async function readOn(reader: EventReader, seen: string[] = []): Promise<string[]> {
  for (;;) {
    const next = reader.next();
    // In its place after all that is on its way; a reader that has something does not notice.
    setImmediate(() => reader.nudge());
    const batches = await next;
    if (!batches || batches.length === 0) return seen;
    for (const batch of batches) {
      for (const { sequence, event, data } of readEvents(batch)) seen.push(say(sequence, event, data));
    }
  }
}
