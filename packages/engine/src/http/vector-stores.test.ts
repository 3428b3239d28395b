import { sql } from 'kysely';
import { toFile } from 'openai';
import { expect, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine } from '../test-support/start-engine.ts';

const upload = (openai: ReturnType<typeof startEngine>['openai'], name: string, text: string) =>
  toFile(Buffer.from(text), name).then((file) => openai.files.create({ file, purpose: 'assistants' }));

const counts = { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 };

test('a store is made, shown, listed page by page, changed and deleted', async () => {
  const { openai } = startEngine();
  const store = await openai.vectorStores.create({ name: 'Guides', metadata: { team: 'docs' } });
  expect(store).toEqual({
    id: expect.stringMatching(/^vs_\w{24}$/),
    object: 'vector_store',
    created_at: expect.any(Number),
    name: 'Guides',
    usage_bytes: 0,
    file_counts: counts,
    status: 'completed',
    expires_at: null,
    last_active_at: store.created_at,
    metadata: { team: 'docs' },
  });
  expect(await openai.vectorStores.retrieve(store.id)).toEqual(store);

  const others = [await openai.vectorStores.create({}), await openai.vectorStores.create({})];
  const listed = [];
  for await (const each of openai.vectorStores.list({ limit: 1 })) listed.push(each.id);
  expect(listed).toEqual([others[1]!.id, others[0]!.id, store.id]);

  const changed = await openai.vectorStores.update(store.id, {
    name: null,
    metadata: null,
    expires_after: { anchor: 'last_active_at', days: 2 },
  });
  expect(changed).toMatchObject({
    name: '',
    metadata: {},
    expires_after: { anchor: 'last_active_at', days: 2 },
    expires_at: store.last_active_at! + 2 * 86_400,
  });
  const lasting = await openai.vectorStores.update(store.id, { expires_after: null });
  expect(lasting.expires_at).toBeNull();
  expect(lasting).not.toHaveProperty('expires_after');

  expect(await openai.vectorStores.delete(store.id)).toEqual({
    id: store.id,
    object: 'vector_store.deleted',
    deleted: true,
  });
  await expect(openai.vectorStores.retrieve(store.id)).rejects.toMatchObject({
    status: 404,
    error: { message: `No vector store found with id '${store.id}'.`, type: 'invalid_request_error' },
  });
});

test('files are indexed, shown with their content, filtered, changed and taken out', async () => {
  const { openai } = startEngine();
  const store = await openai.vectorStores.create({});
  const text = `${'Alpha beta gamma. '.repeat(900)}\n\nThe end of it.`;
  const long = await upload(openai, 'long.txt', text);
  const binary = await upload(openai, 'photo.png', '\u0089PNG\u0000\u0001');
  const file = await openai.vectorStores.files.createAndPoll(store.id, {
    file_id: long.id,
    attributes: { year: 2026, language: 'en' },
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 },
    },
  });
  expect(file).toEqual({
    id: long.id,
    object: 'vector_store.file',
    usage_bytes: expect.any(Number),
    created_at: expect.any(Number),
    vector_store_id: store.id,
    status: 'completed',
    last_error: null,
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 50 },
    },
    attributes: { year: 2026, language: 'en' },
  });
  expect(file.usage_bytes).toBeGreaterThan(text.length);
  const failed = await openai.vectorStores.files.createAndPoll(store.id, { file_id: binary.id });
  expect(failed).toMatchObject({
    status: 'failed',
    usage_bytes: 0,
    last_error: { code: 'unsupported_file', message: 'Files of type .png cannot be searched.' },
    chunking_strategy: { static: { max_chunk_size_tokens: 800, chunk_overlap_tokens: 400 } },
  });
  expect(await openai.vectorStores.retrieve(store.id)).toMatchObject({
    status: 'completed',
    usage_bytes: file.usage_bytes,
    file_counts: { ...counts, completed: 1, failed: 1, total: 2 },
  });

  const content = await openai.vectorStores.files.content(long.id, { vector_store_id: store.id });
  expect(content.data).toEqual([{ type: 'text', text }]);
  const ids = async (query: object) =>
    (await openai.vectorStores.files.list(store.id, query)).data.map(({ id }) => id);
  expect(await ids({})).toEqual([binary.id, long.id]);
  expect(await ids({ order: 'asc', after: long.id })).toEqual([binary.id]);
  expect(await ids({ filter: 'failed' })).toEqual([binary.id]);
  // The one before may have changed since the last page was read.
  expect(await ids({ filter: 'completed', after: binary.id })).toEqual([long.id]);
  await expect(ids({ filter: 'lost' })).rejects.toMatchObject({ status: 400 });
  await expect(ids({ after: 'file-none' })).rejects.toMatchObject({ status: 400, param: 'after' });

  const changed = await openai.vectorStores.files.update(long.id, {
    vector_store_id: store.id,
    attributes: { year: 2027 },
  });
  expect(changed).toMatchObject({ status: 'completed', attributes: { year: 2027 } });

  expect(await openai.vectorStores.files.delete(long.id, { vector_store_id: store.id })).toEqual({
    id: long.id,
    object: 'vector_store.file.deleted',
    deleted: true,
  });
  expect(await openai.files.retrieve(long.id)).toMatchObject({ id: long.id });
  const found = await openai.vectorStores.search(store.id, { query: 'alpha' });
  expect(found.data).toEqual([]);
  await expect(
    openai.vectorStores.files.retrieve(long.id, { vector_store_id: store.id }),
  ).rejects.toMatchObject({ status: 404 });
});

test('a batch is indexed as a whole, and one that is cancelled gives up what is not done', async () => {
  const { openai } = startEngine();
  const store = await openai.vectorStores.create({});
  const batch = await openai.vectorStores.fileBatches.uploadAndPoll(store.id, {
    files: await Promise.all([
      toFile(Buffer.from('The first page.'), 'one.md'),
      toFile(Buffer.from('The second page.'), 'two.md'),
    ]),
  });
  expect(batch).toEqual({
    id: expect.stringMatching(/^vsfb_\w{24}$/),
    object: 'vector_store.files_batch',
    created_at: expect.any(Number),
    vector_store_id: store.id,
    status: 'completed',
    file_counts: { ...counts, completed: 2, total: 2 },
  });
  const files = await openai.vectorStores.fileBatches.listFiles(batch.id, { vector_store_id: store.id });
  expect(files.data).toHaveLength(2);
  expect(files.data[0]).toMatchObject({ object: 'vector_store.file', status: 'completed' });

  const pages = Array.from({ length: 20 }, (_, page) => upload(openai, `${page}.txt`, `Page ${page}`));
  const file_ids = (await Promise.all(pages)).map(({ id }) => id);
  const second = await openai.vectorStores.fileBatches.create(store.id, { file_ids });
  const cancelled = await openai.vectorStores.fileBatches.cancel(second.id, { vector_store_id: store.id });
  expect(cancelled.file_counts.in_progress).toBe(0);
  expect(cancelled.file_counts.total).toBe(20);
  expect(cancelled.status).toBe(cancelled.file_counts.cancelled > 0 ? 'cancelled' : 'completed');
});

test('a search ranks by words, knows their forms, and keeps to what attributes and threshold leave', async () => {
  const { openai } = startEngine();
  const texts = {
    'refunds.md': 'Refunds are paid within thirty days of the return of the goods.',
    'shipping.md': 'We ship to every country in Europe. Shipments take five days.',
    'cafe.md': 'Das Café öffnet um neun. 我们的产品有两年的保修期。',
  };
  const store = await openai.vectorStores.create({});
  for (const [name, text] of Object.entries(texts)) {
    const { id } = await upload(openai, name, text);
    const attributes = { name, size: text.length };
    await openai.vectorStores.files.createAndPoll(store.id, { file_id: id, attributes });
  }
  const search = async (query: string | string[], more: object = {}) =>
    (await openai.vectorStores.search(store.id, { query, ...more })).data;

  const [best] = await search('When is my refund paid?');
  expect(best).toMatchObject({
    filename: 'refunds.md',
    attributes: { name: 'refunds.md' },
    content: [{ type: 'text', text: texts['refunds.md'] }],
  });
  expect(best!.score).toBeGreaterThan(0.5);
  expect(best!.score).toBeLessThanOrEqual(1);
  expect((await search('shipping'))[0]).toMatchObject({ filename: 'shipping.md' });
  expect((await search('cafe'))[0]).toMatchObject({ filename: 'cafe.md' });
  expect((await search('保修'))[0]).toMatchObject({ filename: 'cafe.md' });
  expect(await search('zebra')).toEqual([]);
  // Both speak of days; the one with more of the question comes first.
  expect((await search('how many days to ship')).map(({ filename }) => filename)).toEqual([
    'shipping.md',
    'refunds.md',
  ]);
  expect((await search(['refund', 'ship'])).map(({ filename }) => filename).sort()).toEqual([
    'refunds.md',
    'shipping.md',
  ]);
  expect(await search('days', { max_num_results: 1 })).toHaveLength(1);
  expect(await search('days to ship', { ranking_options: { score_threshold: 0.95 } })).toEqual([]);

  const named = (name: string) => ({ type: 'eq', key: 'name', value: name });
  const only = await search('days', { filters: named('refunds.md') });
  expect(only.map(({ filename }) => filename)).toEqual(['refunds.md']);
  const either = await search('days', {
    filters: {
      type: 'or',
      filters: [named('shipping.md'), { type: 'and', filters: [{ type: 'gt', key: 'size', value: 1000 }] }],
    },
  });
  expect(either.map(({ filename }) => filename)).toEqual(['shipping.md']);
  await expect(search('x', { max_num_results: 51 })).rejects.toMatchObject({ status: 400 });
  await expect(search('x', { filters: { type: 'like', key: 'a', value: 1 } })).rejects.toMatchObject({
    status: 400,
  });
  // Words that are operators elsewhere are words here.
  expect(await search('NEAR( "days" OR store:s1) *')).not.toEqual([]);
});

test('a deleted file leaves every store and every list for Python', async () => {
  const { openai, assistant } = startEngine();
  const { id } = await upload(openai, 'gone.txt', 'Soon gone.');
  const stores = [
    await openai.vectorStores.create({ file_ids: [id] }),
    await openai.vectorStores.create({ file_ids: [id] }),
  ];
  const tool_resources = { code_interpreter: { file_ids: [id] } };
  const assistantId = await assistant({ tool_resources });
  const thread = await openai.beta.threads.create({ tool_resources });
  await openai.files.delete(id);
  for (const store of stores) {
    const { file_counts, usage_bytes } = await openai.vectorStores.retrieve(store.id);
    expect({ file_counts, usage_bytes }).toEqual({ file_counts: counts, usage_bytes: 0 });
    expect((await openai.vectorStores.search(store.id, { query: 'gone' })).data).toEqual([]);
  }
  const empty = { code_interpreter: { file_ids: [] } };
  expect((await openai.beta.assistants.retrieve(assistantId)).tool_resources).toEqual(empty);
  expect((await openai.beta.threads.retrieve(thread.id)).tool_resources).toEqual(empty);
});

test('a store expires so many days after it was last used, and then answers nothing', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  const { openai } = startEngine();
  const { id: fileId } = await upload(openai, 'a.txt', 'Some text.');
  const store = await openai.vectorStores.create({ expires_after: { anchor: 'last_active_at', days: 1 } });
  await openai.vectorStores.files.createAndPoll(store.id, { file_id: fileId });
  const day = 86_400_000;
  vi.setSystemTime(Date.now() + 0.9 * day);
  expect((await openai.vectorStores.search(store.id, { query: 'text' })).data).toHaveLength(1);
  vi.setSystemTime(Date.now() + 0.9 * day);
  expect((await openai.vectorStores.retrieve(store.id)).status).toBe('completed');
  vi.setSystemTime(Date.now() + 0.2 * day);
  expect((await openai.vectorStores.retrieve(store.id)).status).toBe('expired');
  const message = `Vector store ${store.id} is expired.`;
  await expect(openai.vectorStores.search(store.id, { query: 'text' })).rejects.toMatchObject({
    status: 400,
    error: { message },
  });
  await expect(openai.vectorStores.files.create(store.id, { file_id: fileId })).rejects.toMatchObject({
    status: 400,
    error: { message },
  });
  vi.useRealTimers();
});

test('a store takes ten thousand files and no more', async () => {
  let open: Awaited<ReturnType<ReturnType<typeof sqlite>['open']>> | undefined;
  const storage = sqlite(':memory:');
  const { openai } = startEngine({
    storage: { open: async (options) => (open = await storage.open(options)) },
  });
  const { id } = await openai.vectorStores.create({});
  await sql`with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 10000)
    insert into files (id, created_at, purpose, body) select 'file-' || n, 0, 'assistants', '{}' from numbers`.execute(
    open!.database,
  );
  await sql`insert into vector_store_files (id, created_at, body, vector_store_id, file_id, status, usage_bytes)
    select ${id} || '/' || id, 0, '{}', ${id}, id, 'completed', 0 from files`.execute(open!.database);
  const { id: file_id } = await upload(openai, 'a.txt', 'One more.');
  await expect(openai.vectorStores.files.create(id, { file_id })).rejects.toMatchObject({
    status: 400,
    error: { message: 'A vector store takes at most 10000 files.' },
  });
  expect((await openai.vectorStores.retrieve(id)).file_counts.total).toBe(10_000);
});

test('what is asked wrongly is answered in the words of the other routes', async () => {
  const { openai } = startEngine();
  const { id } = await openai.vectorStores.create({});
  const { id: file_id } = await upload(openai, 'a.txt', 'Text.');
  const chunking = (max: number, overlap: number) => ({
    type: 'static' as const,
    static: { max_chunk_size_tokens: max, chunk_overlap_tokens: overlap },
  });
  const create = (body: object) => openai.vectorStores.files.create(id, body as never);
  await expect(create({})).rejects.toMatchObject({
    status: 400,
    error: { message: "Missing required parameter: 'file_id'.", param: 'file_id' },
  });
  for (const strategy of [chunking(99, 0), chunking(4097, 0), chunking(800, 401)]) {
    await expect(create({ file_id, chunking_strategy: strategy })).rejects.toMatchObject({ status: 400 });
  }
  await expect(create({ file_id, chunking_strategy: { type: 'semantic' } })).rejects.toMatchObject({
    error: { message: "Invalid value: 'semantic'. Supported values are: 'auto' and 'static'." },
  });
  await expect(create({ file_id: 'file-none' })).rejects.toMatchObject({
    status: 404,
    error: { message: 'No such File object: file-none', param: 'id' },
  });
  await expect(create({ file_id, attributes: { deep: {} } })).rejects.toMatchObject({ status: 400 });
  await expect(
    openai.vectorStores.create({ expires_after: { anchor: 'last_active_at', days: 366 } }),
  ).rejects.toMatchObject({ status: 400 });
  await expect(openai.vectorStores.create({ file_ids: ['file-none'] })).rejects.toMatchObject({
    status: 404,
  });
  await expect(openai.vectorStores.fileBatches.create(id, { file_ids: [] })).rejects.toMatchObject({
    status: 400,
  });
  expect((await openai.vectorStores.retrieve(id)).file_counts.total).toBe(0);
});
