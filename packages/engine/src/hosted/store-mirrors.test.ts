import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { insertMirror, insertSentFile } from '../storage/mirrors.ts';
import { sqlite } from '../storage/sqlite.ts';
import { findVectorStore, saveVectorStore } from '../storage/vector-stores.ts';
import { until } from '../test-support/start-engine.ts';
import { guide, hours, startHostedSearch, upload } from '../test-support/start-hosted-search.ts';

const answer = () => [{ search: 'Norway days' }, { text: 'Done.' }];

/** What was asked of OpenAI beside the model. */
function asked(server: { requests: { method: string; path: string }[] }, from: number): string[] {
  return server.requests
    .slice(from)
    .map(({ method, path }) => `${method} ${path}`)
    .filter((request) => request !== 'POST /responses');
}

test.for(['deleted', 'expired'] as const)(
  'a mirror that is %s at OpenAI is made anew, of the files that are still there',
  async (fate) => {
    const { threads, threadId, assistant_id, server, there } = await startHostedSearch(answer);
    await threads.runs.createAndPoll(threadId, { assistant_id });
    if (fate === 'deleted') await there.vectorStores.delete('vs_1');
    else server.shelf.expireAll();
    const from = server.requests.length;
    const run = await threads.runs.createAndPoll(threadId, { assistant_id });
    expect(run.last_error).toBeNull();
    expect(server.responses.at(-1)!.tools).toMatchObject([{ vector_store_ids: ['vs_2'] }]);
    expect(server.shelf.uploads).toHaveLength(1);
    await until(() => server.shelf.stores[0]!.isDeleted);
    expect(asked(server, from).filter((request) => request.startsWith('POST'))).toEqual([
      'POST /vector_stores',
      'POST /vector_stores/vs_2/file_batches',
    ]);
  },
);

test('files that somebody has deleted at OpenAI are sent again', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server, there } = await startHostedSearch(
    answer,
    {
      readyWithin: 200,
    },
  );
  const file_ids = await Promise.all(
    ['a', 'b', 'c'].map((name) => upload(openai, `${name}.txt`, `Norway ${name}`)),
  );
  for (const file_id of file_ids) await openai.vectorStores.files.create(storeId, { file_id });
  await threads.runs.createAndPoll(threadId, { assistant_id });
  const names = () => server.shelf.uploads.map(({ filename }) => filename).sort();
  const all = ['a.txt', 'b.txt', 'c.txt', 'guide.txt'];
  expect(names()).toEqual(all);
  for (const name of ['a.txt', 'c.txt']) {
    await there.files.delete(server.shelf.uploads.find(({ filename }) => filename === name)!.id);
  }
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error).toBeNull();
  expect(names()).toEqual(all);
  expect(server.shelf.stores[1]!.files).toHaveLength(4);
});

test('a file that leaves the store is found no more, and one that is deleted goes at OpenAI too', async () => {
  const { openai, threads, threadId, storeId, assistant_id, fileId, server } =
    await startHostedSearch(answer);
  const other = await upload(openai, 'hours.txt', hours);
  await openai.vectorStores.files.create(storeId, { file_id: other });
  // It stays in a store that no run has used.
  await openai.vectorStores.create({ file_ids: [fileId] });
  await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(server.shelf.stores[0]!.files).toHaveLength(2);

  await openai.vectorStores.files.delete(fileId, { vector_store_id: storeId });
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  const steps = await threads.runs.steps.list(run.id, { thread_id: threadId });
  expect(steps.data.at(-1)!.step_details).toMatchObject({
    tool_calls: [{ file_search: { results: [{ file_id: other }] } }],
  });
  expect(server.shelf.stores[0]!.files).toHaveLength(1);
  expect(server.shelf.uploads).toHaveLength(2);

  await openai.files.delete(fileId);
  await until(() => server.shelf.uploads.length === 1);
  expect(server.shelf.uploads[0]!.filename).toBe('hours.txt');
  await openai.files.delete(other);
  await until(() => server.shelf.uploads.length === 0);
  // Nothing is left to be searched: the function of the engine says so.
  await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(server.responses.at(-1)!.tools).toMatchObject([{ type: 'function' }]);
});

test('a store that is deleted takes its mirror along, and the files that lie in no other', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  await threads.runs.createAndPoll(threadId, { assistant_id });
  await openai.vectorStores.delete(storeId);
  expect(await until(() => server.shelf.stores[0]!.isDeleted && server.shelf.uploads.length === 0)).toBe(
    true,
  );
});

test('what could not be deleted at OpenAI is deleted by the next look', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  await threads.runs.createAndPoll(threadId, { assistant_id });
  const before = server.requests.length;
  // Once for the call, once for the client's own second try.
  server.failNext('/vector_stores/vs_1', 500);
  server.failNext('/vector_stores/vs_1', 500);
  await openai.vectorStores.delete(storeId);
  await until(() => server.requests.length === before + 2);
  await openai.files.delete(await upload(openai, 'other.txt', 'other'));
  expect(await until(() => server.shelf.stores[0]!.isDeleted && server.shelf.uploads.length === 0)).toBe(
    true,
  );
});

test('what OpenAI does not let go keeps nothing else from going', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  await threads.runs.createAndPoll(threadId, { assistant_id });
  server.failNext('/vector_stores/vs_1', 400);
  await openai.vectorStores.delete(storeId);
  await until(() => server.shelf.uploads.length === 0);
  expect(server.shelf.stores[0]!.isDeleted).toBe(false);
  // Any other deletion is a reason to look again.
  await openai.files.delete(await upload(openai, 'other.txt', 'other'));
  await until(() => server.shelf.stores[0]!.isDeleted);
});

test('attributes and ways of cutting are those of the store, also after a change', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  const chunking_strategy = {
    type: 'static' as const,
    static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 },
  };
  const file_id = await upload(openai, 'hours.txt', hours);
  await openai.vectorStores.files.create(storeId, {
    file_id,
    attributes: { year: 2025, 'naïve "key"': true },
    chunking_strategy,
  });
  await threads.runs.createAndPoll(threadId, { assistant_id });
  const there = () => server.shelf.stores[0]!.files.find(({ file_id: id }) => id === sent)!;
  const sent = server.shelf.uploads.find(({ filename }) => filename === 'hours.txt')!.id;
  expect(there()).toMatchObject({ attributes: { year: 2025, 'naïve "key"': true }, chunking_strategy });

  await openai.vectorStores.files.update(file_id, {
    vector_store_id: storeId,
    attributes: { year: 2026 },
  });
  let from = server.requests.length;
  await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(there().attributes).toEqual({ year: 2026 });
  expect(asked(server, from)).toEqual(['GET /vector_stores/vs_1', `POST /vector_stores/vs_1/files/${sent}`]);

  // Taken in anew: cut in another way, of the same bytes.
  await openai.vectorStores.files.create(storeId, { file_id });
  from = server.requests.length;
  await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(there().chunking_strategy).toMatchObject({ static: { max_chunk_size_tokens: 800 } });
  expect(asked(server, from).filter((request) => !request.startsWith('GET'))).toEqual([
    `DELETE /vector_stores/vs_1/files/${sent}`,
    'POST /vector_stores/vs_1/file_batches',
  ]);
});

test('a file in several stores is sent once', async () => {
  const { openai, threads, searcher, fileId, threadId, server } = await startHostedSearch(answer);
  const assistant_id = await searcher([fileId]);
  await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(server.shelf.stores.map(({ files }) => files.map(({ file_id }) => file_id))).toEqual([
    ['file-oai1'],
    ['file-oai1'],
  ]);
  // A copy of it is another file.
  const copy = await upload(openai, 'guide.txt', guide);
  await openai.vectorStores.create({ file_ids: [copy] });
  expect(server.shelf.uploads).toHaveLength(1);
});

test('a mirror that goes before the very call that needs it is made anew for a second one', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer);
  server.onRequest((_, turn) => {
    if (turn === 0) server.shelf.stores[0]!.isDeleted = true;
  });
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run).toMatchObject({ status: 'completed', last_error: null });
  expect(server.responses.map(({ tools }) => tools![0]!.vector_store_ids)).toEqual([['vs_1'], ['vs_2']]);
  expect(server.shelf.uploads).toHaveLength(1);
});

test.for(['the mirror', 'a file'] as const)(
  'of what two engines have made at a time for %s one is kept, and the other deleted',
  async (what) => {
    const folder = await mkdtemp(join(tmpdir(), 'store-mirrors-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const storage = sqlite(folder);
    const started = await startHostedSearch(answer, { storage });
    const { threads, threadId, assistant_id, storeId, fileId, server, there } = started;
    const path = what === 'the mirror' ? 'POST /vector_stores' : 'POST /files';
    const release = server.holdNext(path);
    const run = await threads.runs.create(threadId, { assistant_id });
    await until(() => server.requests.at(-1)?.path === path.slice(5));
    // As another engine on the same data does meanwhile.
    const { database, close } = await storage.open();
    if (what === 'the mirror') {
      await insertMirror(database, storeId, (await there.vectorStores.create({ name: 'other' })).id);
    } else {
      const file = new File([guide], 'guide.txt');
      const { id } = await there.files.create({ file, purpose: 'assistants' });
      await insertSentFile(database, fileId, id);
    }
    await close();
    release();
    const ended = await threads.runs.poll(run.id, { thread_id: threadId }, { pollIntervalMs: 5 });
    expect(ended.last_error).toBeNull();
    const stores = () => server.shelf.stores.filter(({ isDeleted }) => !isDeleted);
    await until(() => stores().length === 1 && server.shelf.uploads.length === 1);
    // The other one was there first.
    expect(stores()[0]!.name).toBe(what === 'the mirror' ? 'other' : storeId);
    expect(stores()[0]!.files.map(({ file_id }) => file_id)).toEqual(['file-oai1']);
    expect(server.shelf.uploads[0]!.id).toBe('file-oai1');
  },
);

test('a store that has expired takes its mirror along', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'store-mirrors-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const storage = sqlite(folder);
  const { threads, threadId, assistant_id, storeId, server, engine, again } = await startHostedSearch(
    answer,
    { storage },
  );
  await threads.runs.createAndPoll(threadId, { assistant_id });
  await engine.close();
  const { database, close } = await storage.open();
  const store = (await findVectorStore(database, storeId))!;
  await saveVectorStore(database, { ...store, expires_at: 1 });
  await close();
  await again({ storage }).engine.ready();
  await until(() => server.shelf.stores[0]!.isDeleted && server.shelf.uploads.length === 0);
  expect(server.shelf.stores).toHaveLength(1);
});

test('files that the engine could not read are not sent', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  for (const [name, content] of [
    ['photo.png', '\u0000\u0001\u0002'],
    ['empty.txt', ' '],
  ] as const) {
    await openai.vectorStores.files.create(storeId, { file_id: await upload(openai, name, content) });
  }
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error).toBeNull();
  expect(server.shelf.uploads.map(({ filename }) => filename)).toEqual(['guide.txt']);
});

test('a mirror that does not count its new files yet is not taken for lost by other runs', async () => {
  const { threads, thread, searcher, fileId, server } = await startHostedSearch(answer);
  server.shelf.lag = 5;
  const assistant_id = await searcher([fileId]);
  const ids = await Promise.all([thread(), thread(), thread()]);
  const runs = await Promise.all(
    ids.map((id) => threads.runs.createAndPoll(id, { assistant_id }, { pollIntervalMs: 1 })),
  );
  expect(runs.map(({ last_error: error }) => error)).toEqual([null, null, null]);
  expect(server.shelf.stores).toHaveLength(1);
  expect(server.requests.filter(({ method }) => method === 'GET').length).toBeGreaterThan(5);
});
