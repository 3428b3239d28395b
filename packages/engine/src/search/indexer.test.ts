import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { toFile } from 'openai';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { EngineOptions } from '../create-engine.ts';
import { sqlite } from '../storage/sqlite.ts';
import { cosineDistance } from '../storage/vectors.ts';
import { docx, pdf } from '../test-support/documents.ts';
import { openLog } from '../test-support/run-log.ts';
import { startEngine } from '../test-support/start-engine.ts';
import { Indexer } from './indexer.ts';

type Embedding = Extract<NonNullable<EngineOptions['embedding']>, { specificationVersion: 'v4' }>;

/** An embedding model that knows a few meanings. */
function fakeEmbedding(embed: (text: string) => number[] | Promise<number[]>, modelId = 'fake'): Embedding {
  return {
    specificationVersion: 'v4',
    provider: 'test',
    modelId,
    maxEmbeddingsPerCall: 100,
    supportsParallelCalls: true,
    doEmbed: async ({ values }) => ({ embeddings: await Promise.all(values.map(embed)), warnings: [] }),
  };
}

function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'engine-search-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

type Started = ReturnType<typeof startEngine>;

async function upload({ openai }: Started, name: string, content: string | Uint8Array): Promise<string> {
  const file = await toFile(Buffer.from(content), name);
  return (await openai.files.create({ file, purpose: 'assistants' })).id;
}

test('a PDF and a DOCX are found by what they say', async () => {
  const started = startEngine();
  const { openai } = started;
  const store = await openai.vectorStores.create({});
  for (const [name, bytes] of [
    ['report.pdf', pdf(['The turbine failed in March.', 'It was repaired.'])],
    ['letter.docx', docx(['The invoice is overdue.'])],
  ] as const) {
    const file = await openai.vectorStores.files.createAndPoll(store.id, {
      file_id: await upload(started, name, bytes),
    });
    expect(file).toMatchObject({ status: 'completed', last_error: null });
  }
  const first = async (query: string) => (await openai.vectorStores.search(store.id, { query })).data[0];
  expect(await first('turbines')).toMatchObject({ filename: 'report.pdf' });
  expect(await first('invoice')).toMatchObject({ filename: 'letter.docx' });
});

test('files that were being indexed when the engine stopped are indexed by the next one, from the beginning', async () => {
  const storage = sqlite(dataFolder());
  const stuck = new Promise<number[]>(() => {});
  let chunks = 0;
  const first = startEngine({
    storage,
    // The first batch is stored; the second never comes.
    embedding: fakeEmbedding(() => (++chunks > 16 ? stuck : [1, 0])),
  });
  const text = Array.from({ length: 600 }, (_, line) => `Line ${line} speaks of turbines.`).join('\n');
  const fileId = await upload(first, 'long.txt', text);
  const { id } = await first.openai.vectorStores.create({});
  await first.openai.vectorStores.files.create(id, {
    file_id: fileId,
    chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 0 } },
  });
  const queued = await upload(first, 'short.txt', 'A short one.');
  await vi.waitFor(() => expect(chunks).toBeGreaterThan(16));
  await first.openai.vectorStores.files.create(id, { file_id: queued });
  expect(await first.openai.vectorStores.retrieve(id)).toMatchObject({ status: 'in_progress' });
  await first.engine.close();
  // As it is left by a process that was killed.
  const left = await storage.open();
  await sql`update vector_store_files set owner = 'engine_dead'`.execute(left.database);
  const { rows } = await sql`select * from chunks`.execute(left.database);
  expect(rows.length).toBeGreaterThan(0);
  await left.close();

  const second = startEngine({ storage, embedding: fakeEmbedding(() => [1, 0]) });
  const file = await second.openai.vectorStores.files.poll(id, fileId, { pollIntervalMs: 10 });
  expect(file.status).toBe('completed');
  await second.openai.vectorStores.files.poll(id, queued, { pollIntervalMs: 10 });
  expect((await second.openai.vectorStores.retrieve(id)).file_counts).toMatchObject({
    completed: 2,
    total: 2,
  });
  // Nothing of the first attempt is left beside the second.
  const content = await second.openai.vectorStores.files.content(fileId, { vector_store_id: id });
  expect(content.data).toEqual([{ type: 'text', text }]);
  const { data } = await second.openai.vectorStores.search(id, { query: 'turbines', max_num_results: 50 });
  const texts = data.map(({ content: [part] }) => part!.text);
  expect(new Set(texts).size).toBe(texts.length);
});

test('two engines on one folder index each file once', async () => {
  const folder = dataFolder();
  const calls = new Map<string, number>();
  const embedding = fakeEmbedding((text) => {
    calls.set(text, (calls.get(text) ?? 0) + 1);
    return [1, 0];
  });
  const engines = [0, 1].map(() => startEngine({ storage: sqlite(folder), embedding }));
  const { id } = await engines[0]!.openai.vectorStores.create({});
  const names = Array.from({ length: 12 }, (_, index) => `File ${index}.`);
  const ids: string[] = [];
  for (const name of names) ids.push(await upload(engines[0]!, `${name}txt`, name));
  const half = (from: number) => ({ file_ids: ids.slice(from, from + 6) });
  await Promise.all(
    engines.map(({ openai }, index) =>
      openai.vectorStores.fileBatches.createAndPoll(id, half(index * 6), { pollIntervalMs: 10 }),
    ),
  );
  expect([...calls.values()]).toEqual(names.map(() => 1));
});

test('with an embedding model a search finds what shares no word, and a failing one costs only that', async () => {
  let fails = false;
  const log = vi.fn<NonNullable<EngineOptions['log']>>();
  const started = startEngine({
    log,
    embedding: fakeEmbedding((text) => {
      if (fails) throw new Error('no more');
      return [/dog|puppy/i.test(text) ? 1 : 0, /car|vehicle/i.test(text) ? 1 : 0, 0.1];
    }),
  });
  const { openai } = started;
  const { id } = await openai.vectorStores.create({});
  for (const [name, text] of [
    ['pets.txt', 'A puppy needs much love.'],
    ['cars.txt', 'A vehicle needs fuel.'],
  ]) {
    await openai.vectorStores.files.createAndPoll(id, { file_id: await upload(started, name!, text!) });
  }
  const names = async (query: string) => {
    const { data } = await openai.vectorStores.search(id, {
      query,
      ranking_options: { score_threshold: 0.3 },
    });
    return data.map(({ filename }) => filename);
  };
  expect(await names('dog')).toEqual(['pets.txt']);
  expect(await names('fuel for a car')).toEqual(['cars.txt']);
  fails = true;
  expect(await names('dog')).toEqual([]);
  expect(await names('puppy')).toEqual(['pets.txt']);
  expect(log).toHaveBeenCalledWith('warn', expect.stringContaining('embedding model'), expect.anything());
  const failed = await openai.vectorStores.files.createAndPoll(id, {
    file_id: await upload(started, 'late.txt', 'Too late.'),
  });
  expect(failed).toMatchObject({
    status: 'failed',
    last_error: { code: 'server_error', message: 'The file could not be indexed.' },
  });
}, 20_000);

test('what is taken out leaves the index, bit by bit', async () => {
  let open: Awaited<ReturnType<ReturnType<typeof sqlite>['open']>> | undefined;
  const storage = sqlite(':memory:');
  const started = startEngine({
    storage: { open: async (options) => (open = await storage.open(options)) },
  });
  const { openai } = started;
  const { id } = await openai.vectorStores.create({});
  const text = 'Some words about turbines. '.repeat(20_000);
  const file_id = await upload(started, 'a.txt', text);
  await openai.vectorStores.files.createAndPoll(id, { file_id }, { pollIntervalMs: 10 });
  const count = async () => {
    const { rows } = await sql<{ left: number }>`select (select count(*) from chunks) +
      (select count(*) from chunk_index where chunk_index match 'text : turbines') +
      (select count(*) from dropped_files) as left`.execute(open!.database);
    return rows[0]!.left;
  };
  expect(await count()).toBeGreaterThan(500);
  const begin = process.cpuUsage();
  await openai.vectorStores.delete(id);
  // What it costs, not how long it takes: a busy machine takes longer.
  expect(process.cpuUsage(begin).user).toBeLessThan(250_000);
  await vi.waitFor(async () => expect(await count()).toBe(0));
});

test('embeddings of another model play no part', async () => {
  const storage = sqlite(dataFolder());
  const first = startEngine({ storage, embedding: fakeEmbedding(() => [1, 0], 'old') });
  const { id } = await first.openai.vectorStores.create({});
  const file_id = await upload(first, 'a.txt', 'Puppies.');
  await first.openai.vectorStores.files.createAndPoll(id, { file_id });
  await first.engine.close();
  const second = startEngine({ storage, embedding: fakeEmbedding(() => [1, 0, 0], 'new') });
  expect((await second.openai.vectorStores.search(id, { query: 'dog' })).data).toEqual([]);
  expect((await second.openai.vectorStores.search(id, { query: 'puppies' })).data).toHaveLength(1);
});

test('a file taken out or deleted while it is indexed leaves nothing behind', async () => {
  let letGo = () => {};
  const held = new Promise<number[]>((resolve) => (letGo = () => resolve([1, 0])));
  const started = startEngine({ embedding: fakeEmbedding(() => held) });
  const { openai } = started;
  const { id } = await openai.vectorStores.create({});
  const taken = await upload(started, 'a.txt', 'Alpha.');
  const deleted = await upload(started, 'b.txt', 'Beta.');
  await openai.vectorStores.fileBatches.create(id, { file_ids: [taken, deleted] });
  await openai.vectorStores.files.delete(taken, { vector_store_id: id });
  await openai.files.delete(deleted);
  letGo();
  const later = await upload(started, 'c.txt', 'Gamma.');
  const done = await openai.vectorStores.files.createAndPoll(id, { file_id: later }, { pollIntervalMs: 10 });
  expect(done.status).toBe('completed');
  expect((await openai.vectorStores.retrieve(id)).file_counts.total).toBe(1);
  expect((await openai.vectorStores.search(id, { query: 'alpha beta' })).data).not.toContainEqual(
    expect.objectContaining({ filename: 'a.txt' }),
  );
});

test('indexing a long file gives way to others', async () => {
  const started = startEngine();
  const { openai } = started;
  const { id } = await openai.vectorStores.create({});
  const text = 'Some words about turbines, and more of them. '.repeat(60_000);
  const file_id = await upload(started, 'long.txt', text);
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  onTestFinished(() => clearInterval(timer));
  const file = await openai.vectorStores.files.createAndPoll(id, { file_id }, { pollIntervalMs: 10 });
  expect(file).toMatchObject({ status: 'completed' });
  expect(turns).toBeGreaterThan(20);
});

test('the comparison in JavaScript is that of sqlite-vec', () => {
  const bytes = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer);
  expect(cosineDistance(bytes(1, 0), bytes(1, 1))).toBeCloseTo(0.292_893_2, 6);
  expect(cosineDistance(bytes(1, 2, 3), bytes(2, 4, 6))).toBeCloseTo(0, 6);
  expect(cosineDistance(bytes(0, 0), bytes(1, 1))).toBe(1);
});

test('a file whose end could not be stored is taken up again', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let open: Awaited<ReturnType<ReturnType<typeof sqlite>['open']>> | undefined;
  const storage = sqlite(':memory:');
  const log = vi.fn<NonNullable<EngineOptions['log']>>();
  const started = startEngine({
    log,
    storage: { open: async (options) => (open = await storage.open(options)) },
  });
  const { openai } = started;
  const { id } = await openai.vectorStores.create({});
  const file_id = await upload(started, 'a.txt', 'Alpha.');
  await sql`create trigger refuse before update of status on vector_store_files when new.status <> 'in_progress'
    begin select raise(abort, 'no room'); end`.execute(open!.database);
  await openai.vectorStores.files.create(id, { file_id });
  await vi.waitFor(() =>
    expect(log).toHaveBeenCalledWith('error', 'Indexing files failed.', expect.anything()),
  );
  await sql`drop trigger refuse`.execute(open!.database);
  await vi.waitFor(async () => {
    vi.advanceTimersByTime(5_000);
    const file = await openai.vectorStores.files.retrieve(file_id, { vector_store_id: id });
    expect(file.status).toBe('completed');
  });
});

test('what it is told often in one moment makes it look once', async () => {
  const { database, storage, close } = await openLog();
  onTestFinished(close);
  const all = StatementSync.prototype.all as (...parameters: unknown[]) => unknown;
  let looks = 0;
  vi.spyOn(StatementSync.prototype, 'all').mockImplementation(function (this: StatementSync, ...parameters) {
    if (this.sourceSQL.includes('from "dropped_files"')) looks += 1;
    return all.apply(this, parameters) as never;
  });
  const indexer = new Indexer({
    database,
    blobs: storage.blobs,
    owner: 'engine_test',
    livingOwners: async () => new Set(),
    embedder: undefined,
    log: () => {},
  });
  for (const expected of [1, 2]) {
    for (let time = 0; time < 20; time++) indexer.wake();
    while (looks < expected) await turn();
    for (let rest = 0; rest < 20; rest++) await turn();
    expect(looks).toBe(expected);
  }
  indexer.wake();
  await indexer.close();
  await turn();
  expect(looks).toBe(2);
});
