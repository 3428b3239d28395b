import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { findRun, saveRun, type Database } from '../storage/records.ts';
import type { Run } from '../wire.ts';
import { delta, openLog, readOn, storeRun, type OpenLog } from '../test-support/run-log.ts';
import { RunGoneError, type Emit } from './event-log.ts';

/** What commits that wait together owe to one another, and to whoever reads along. */

/** Transactions that came to their ends. */
let transactions: number;
/** Ends of transactions that fail, from here on. */
let failing: number;
/** What others do just before a transaction begins. */
let beforeBegin: () => void;

beforeEach(() => {
  transactions = 0;
  failing = 0;
  beforeBegin = () => {};
  const run = StatementSync.prototype.run as (...parameters: unknown[]) => unknown;
  vi.spyOn(StatementSync.prototype, 'run').mockImplementation(function (this: StatementSync, ...parameters) {
    if (this.sourceSQL === 'begin immediate') beforeBegin();
    if (this.sourceSQL === 'commit') {
      if (failing-- > 0) throw Object.assign(new Error('disk I/O error'), { errcode: 10 });
      transactions += 1;
    }
    return run.apply(this, parameters) as never;
  });
});

async function open(directory?: string): Promise<OpenLog> {
  const opened = await openLog(directory);
  onTestFinished(() => opened.close());
  return opened;
}

/** Says something of a run, and notes it in its row. */
const note =
  (run: Run, text: string) =>
  async (database: Database, emit: Emit): Promise<string> => {
    const stored = await findRun(database, run.id);
    const metadata = { ...stored!.run.metadata, [text]: 'noted' };
    await saveRun(database, { ...stored!.run, metadata });
    emit('thread.message.delta', delta(text));
    return text;
  };

const notes = async (database: Database, { id }: Run): Promise<string[]> =>
  Object.keys((await findRun(database, id))!.run.metadata);

test('what waits at one moment is stored in one transaction, in which one that fails undoes itself alone', async () => {
  const { log, database } = await open();
  const runs = [];
  for (let index = 0; index < 5; index++) runs.push(await storeRun(database));
  const readers = await Promise.all(runs.map(({ id }) => log.read(id, -1, { toTheEnd: false })));
  transactions = 0;
  const results = await Promise.allSettled(
    runs.map((run, index) =>
      log.commit(run.id, async (transaction, emit) => {
        const value = await note(run, `note ${index}`)(transaction, emit);
        if (index === 2) throw new Error('Changed my mind');
        return value;
      }),
    ),
  );
  expect(transactions).toBe(1);
  expect(
    results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason))),
  ).toEqual(['note 0', 'note 1', 'Error: Changed my mind', 'note 3', 'note 4']);
  for (const [index, run] of runs.entries()) {
    expect(await notes(database, run)).toEqual(index === 2 ? [] : [`note ${index}`]);
    expect(await readOn(readers[index]!)).toEqual(index === 2 ? [] : [`0 note ${index}`]);
  }
  await log.commit(runs[2]!.id, note(runs[2]!, 'again'));
  expect(await readOn(readers[2]!)).toEqual(['0 again']);
});

test('commits of one run follow one another within a transaction, each seeing what the ones before it stored', async () => {
  const { log, database } = await open();
  const run = await storeRun(database);
  const other = await storeRun(database);
  const release = await log.hold(run.id);
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  log.push(run.id, 'thread.message.delta', delta('pushed'));
  transactions = 0;
  const count = async (transaction: Database, emit: Emit) => {
    const { number } = await transaction
      .selectFrom('events')
      .select((query) => query.fn.countAll<number>().as('number'))
      .executeTakeFirstOrThrow();
    await note(run, `after ${number} rows`)(transaction, emit);
  };
  await Promise.all([
    log.commit(run.id, note(run, 'first')),
    log.commit(other.id, note(other, 'between')),
    log
      .commit(run.id, async (transaction, emit) => {
        await note(run, 'undone')(transaction, emit);
        throw new Error('Changed my mind');
      })
      .catch(() => {}),
    log.commit(run.id, count),
  ]);
  expect(transactions).toBe(1);
  expect(await notes(database, run)).toEqual(['first', 'after 3 rows']);
  expect(await readOn(reader)).toEqual(['0 pushed', '1 first', '2 after 3 rows']);
  const late = await log.read(run.id, 0, { toTheEnd: false });
  expect(await readOn(late)).toEqual(['1 first', '2 after 3 rows']);
  release();
});

test('nothing is added to a run that has been ended by an earlier commit of the same transaction', async () => {
  const { log, database } = await open();
  const run = await storeRun(database);
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  transactions = 0;
  const results = await Promise.allSettled([
    log.commit(run.id, async (_, emit) => emit('thread.run.cancelled', run)),
    log.commit(run.id, note(run, 'too late')),
  ]);
  expect(transactions).toBe(1);
  expect(results[1]).toEqual({ status: 'rejected', reason: expect.any(RunGoneError) });
  expect(await notes(database, run)).toEqual([]);
  expect(await readOn(reader)).toEqual(['0 thread.run.cancelled']);
});

test('when the transaction cannot be ended, every commit fails and readers have seen nothing', async () => {
  const { log, database } = await open();
  const runs = [await storeRun(database), await storeRun(database), await storeRun(database)];
  const [run] = runs as [Run];
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  failing = Number.POSITIVE_INFINITY;
  const results = await Promise.allSettled(runs.map((each) => log.commit(each.id, note(each, 'lost'))));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(await readOn(reader)).toEqual([]);
  failing = 0;
  expect(await notes(database, run)).toEqual([]);
  await Promise.all(runs.map((each) => log.commit(each.id, note(each, 'kept'))));
  expect(await notes(database, run)).toEqual(['kept']);
  expect(await readOn(reader)).toEqual(['0 kept']);
});

test('a transaction that fails once is done again commit by commit, and readers see each once', async () => {
  const { log, database } = await open();
  const runs = [await storeRun(database), await storeRun(database), await storeRun(database)];
  const readers = await Promise.all(runs.map(({ id }) => log.read(id, -1, { toTheEnd: false })));
  transactions = 0;
  failing = 1;
  await Promise.all(runs.map((run) => log.commit(run.id, note(run, 'kept'))));
  expect(transactions).toBe(3);
  for (const reader of readers) expect(await readOn(reader)).toEqual(['0 kept']);
});

test('one that the database takes for a reason to end the transaction fails by itself', async () => {
  const { log, database } = await open();
  const runs = [await storeRun(database), await storeRun(database), await storeRun(database)];
  const results = await Promise.allSettled(
    runs.map((run, index) =>
      log.commit(run.id, async (transaction, emit) => {
        await note(run, 'kept')(transaction, emit);
        if (index !== 1) return;
        // As SQLite does on a full disk.
        await transaction.executeQuery({ sql: 'rollback', parameters: [] } as never);
        throw new Error('database or disk is full');
      }),
    ),
  );
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const kept = await Promise.all(runs.map((run) => notes(database, run)));
  expect(kept).toEqual([['kept'], [], ['kept']]);
});

test('a reader gets what was pushed and what was committed in the order in which it was said', async () => {
  const { log, database } = await open();
  const runs = [await storeRun(database), await storeRun(database)];
  const [run, other] = runs as [Run, Run];
  const release = await Promise.all(runs.map(({ id }) => log.hold(id)));
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  const expected: string[] = [];
  const say = (text: string) => expected.push(`${expected.length} ${text}`);
  const seen: string[] = [];
  for (let round = 0; round < 20; round++) {
    const isHasty = round % 3 === 0;
    log.push(run.id, 'thread.message.delta', delta(`pushed ${round}`));
    say(`pushed ${round}`);
    log.push(other.id, 'thread.message.delta', delta('other'));
    const commits = [
      log.commit(other.id, note(other, 'other')),
      log.commit(run.id, note(run, `noted ${round}`)),
    ];
    say(`noted ${round}`);
    if (isHasty) {
      commits.push(log.commit(run.id, note(run, `noted twice ${round}`)));
      say(`noted twice ${round}`);
    }
    await Promise.all(commits);
    await readOn(reader, seen);
  }
  expect(seen).toEqual(expected);
  expect(await readOn(await log.read(run.id, -1, { toTheEnd: false }))).toEqual(expected);
  for (const done of release) done();
});

test('what another engine has stored meanwhile comes first, and all that was stored together is numbered behind it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { log, database } = await open(directory);
  const elsewhere = await open(directory);
  const runs = [await storeRun(database), await storeRun(database), await storeRun(database)];
  const [run] = runs as [Run];
  const release = await Promise.all(runs.map(({ id }) => log.hold(id)));
  const readers = await Promise.all(runs.map(({ id }) => log.read(id, -1, { toTheEnd: false })));
  await Promise.all(runs.map((each) => log.commit(each.id, note(each, 'begun'))));
  await elsewhere.log.commit(run.id, note(run, 'elsewhere'));
  log.push(run.id, 'thread.message.delta', delta('pushed'));
  transactions = 0;
  await Promise.all(runs.map((each) => log.commit(each.id, note(each, 'here'))));
  expect(transactions).toBe(1);
  expect(await readOn(readers[0]!)).toEqual(['0 begun', '1 elsewhere', '2 pushed', '3 here']);
  expect(await readOn(readers[1]!)).toEqual(['0 begun', '1 here']);
  expect(await readOn(readers[2]!)).toEqual(['0 begun', '1 here']);
  expect(await notes(database, run)).toEqual(['begun', 'elsewhere', 'here']);
  for (const done of release) done();
});

test('a transaction takes in 64 commits, and no more once it has lasted five milliseconds', async () => {
  const { log, database } = await open();
  const runs: Run[] = [];
  for (let index = 0; index < 130; index++) runs.push(await storeRun(database));
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  transactions = 0;
  await Promise.all(runs.map((run) => log.commit(run.id, note(run, 'quick'))));
  expect(transactions).toBe(3);
  transactions = 0;
  const order: number[] = [];
  await Promise.all(
    runs.slice(0, 6).map(({ id }, index) =>
      log.commit(id, async (_, emit) => {
        now += 3;
        order.push(index);
        emit('thread.message.delta', delta('slow'));
      }),
    ),
  );
  expect(transactions).toBe(3);
  expect(order).toEqual([0, 1, 2, 3, 4, 5]);
});

test('killed at any moment, of what was stored together all is there or nothing', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const program = fileURLToPath(new URL('../test-support/commit-process.ts', import.meta.url));
  const seed = Date.now() & 0xffff;
  process.stdout.write(`commit-together: seed ${seed}\n`);
  for (let kill = 0; kill < 5; kill++) {
    const data = join(directory, `${kill}`);
    const child = fork(program, [data, '40'], { execArgv: ['--conditions=@use-assistant/source'] });
    await once(child, 'message');
    await wait(((seed >> kill) % 16) * 3);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    const stored = new DatabaseSync(join(data, 'engine.db'));
    const rounds = stored
      .prepare(
        'select private as round, (select count(*) from events where run = runs.sequence) as events from runs',
      )
      .all() as { round: string; events: number }[];
    stored.close();
    expect(rounds).toHaveLength(40);
    expect(new Set(rounds.map(({ round, events }) => `${round} ${events}`))).toEqual(
      new Set([`${rounds[0]!.round} ${Number(rounds[0]!.round) + 1}`]),
    );
  }
}, 60_000);

test('engines of one process that change state in the same moment wait for one another in turn', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const logs = [await open(directory), await open(directory)];
  const [{ database }] = logs as [OpenLog];
  const runs: Run[] = [];
  for (let index = 0; index < 5; index++) runs.push(await storeRun(database));
  await Promise.all(
    runs.flatMap((run) => logs.map(({ log }, index) => log.commit(run.id, note(run, `of engine ${index}`)))),
  );
  for (const run of runs) {
    expect((await notes(database, run)).toSorted()).toEqual(['of engine 0', 'of engine 1']);
    for (const { log } of logs)
      expect(await readOn(await log.read(run.id, -1, { toTheEnd: false }))).toHaveLength(2);
  }
});

test('what is said of a run while it is deleted is stored nowhere', async () => {
  const { log, database } = await open();
  const run = await storeRun(database);
  const release = await log.hold(run.id);
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  log.push(run.id, 'thread.message.delta', delta('before'));
  const forgotten = log.forget(async () => {
    log.push(run.id, 'thread.message.delta', delta('meanwhile'));
    await database.deleteFrom('events').execute();
    await database.deleteFrom('runs').where('id', '=', run.id).execute();
    return [run.id];
  });
  const work = vi.fn<(database: Database, emit: Emit) => Promise<string>>(note(run, 'behind it'));
  const commit = log.commit(run.id, work);
  const stored = log.flushed();
  expect(await forgotten).toEqual([run.id]);
  log.push(run.id, 'thread.message.delta', delta('after'));
  await expect(commit).rejects.toBeInstanceOf(RunGoneError);
  await stored;
  expect(work).not.toHaveBeenCalled();
  expect(await readOn(reader)).toEqual([]);
  expect(await database.selectFrom('events').selectAll().execute()).toEqual([]);
  release();
});

test('however often another engine is quicker, a commit comes behind it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const { log, database } = await open(directory);
  const run = await storeRun(database);
  const release = await log.hold(run.id);
  const reader = await log.read(run.id, -1, { toTheEnd: false });
  const elsewhere = new DatabaseSync(join(directory, 'engine.db'));
  const insert = elsewhere.prepare('insert into events values (1, ?, ?, 0, ?)');
  let others = 0;
  beforeBegin = () => {
    if (others === 5) return;
    const text = JSON.stringify(delta(`of another ${others}`));
    insert.run(others, others, Buffer.from(`id: ${others}\nevent: thread.message.delta\ndata: ${text}\n\n`));
    others += 1;
  };
  log.push(run.id, 'thread.message.delta', delta('pushed'));
  await log.commit(run.id, note(run, 'noted'));
  elsewhere.close();
  expect(await notes(database, run)).toEqual(['noted']);
  const before = [0, 1, 2, 3, 4].map((number) => `${number} of another ${number}`);
  expect(await readOn(reader)).toEqual([...before, '5 pushed', '6 noted']);
  release();
});

test('between two transactions of a long line whatever else the process has to do gets its turn', async () => {
  const { log, database } = await open();
  const runs: Run[] = [];
  for (let index = 0; index < 130; index++) runs.push(await storeRun(database));
  vi.spyOn(performance, 'now').mockReturnValue(0);
  const order: string[] = [];
  const say = (text: string) => {
    if (order.at(-1) !== text) order.push(text);
  };
  setImmediate(() => say('others'));
  await Promise.all(runs.map(({ id }) => log.commit(id, async () => say('commits'))));
  expect(order).toEqual(['commits', 'others', 'commits']);
});
