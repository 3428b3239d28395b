import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { until } from '../test-support/start-engine.ts';
import { startHostedSearch, upload } from '../test-support/start-hosted-search.ts';

const answer = () => [{ search: 'Norway' }, { text: 'Done.' }];
const prepared = 'The hosted file search could not be prepared';

test('a mirror that is lost a second time fails the run with a sentence', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer);
  server.onRequest(() => server.shelf.stores.forEach((store) => (store.isDeleted = true)));
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error).toEqual({
    code: 'server_error',
    message: 'The vector store of the hosted file search was lost again and again.',
  });
  expect(server.responses).toHaveLength(2);
});

test.for([
  ['/vector_stores', 401, 'server_error', `${prepared}: its API key was refused. Check the key.`],
  ['/files', 403, 'server_error', `${prepared}: its API key has no permission to use vector stores.`],
  [
    '/file_batches',
    429,
    'rate_limit_exceeded',
    `${prepared}: requests are limited, or the quota is used up. Try again later.`,
  ],
  [
    '/vector_stores/vs_1',
    500,
    'server_error',
    `${prepared}: its server has an error of its own (status 500). Try again later.`,
  ],
  [
    '/files',
    400,
    'server_error',
    'The file "guide.txt" was refused by the hosted file search. Take it out of the vector store, or bring it in another format.',
  ],
  [
    '/file_batches',
    400,
    'server_error',
    'The file "guide.txt" was refused by the hosted file search. Take it out of the vector store, or bring it in another format.',
  ],
] as const)('a failure of %s (%i) is told in a sentence, and the next run may do better', async (told) => {
  const [path, status, code, message] = told;
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer);
  // Once for the call, once for the client's own second try, where it makes one.
  const tries = status === 429 || status >= 500 ? 2 : 1;
  for (let failure = 0; failure < tries; failure++) server.failNext(path, status);
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run).toMatchObject({ status: 'failed', last_error: { code, message } });
  const next = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(next).toMatchObject({ status: 'completed', last_error: null });
  expect(server.shelf.stores).toHaveLength(1);
  expect(server.shelf.uploads).toHaveLength(1);
});

test('of many files the one that OpenAI refuses is named', async () => {
  const { openai, threads, threadId, storeId, assistant_id, server } = await startHostedSearch(answer);
  for (let index = 0; index < 6; index++) {
    const file_id = await upload(openai, `${index}.txt`, `Norway ${index}`);
    await openai.vectorStores.files.create(storeId, { file_id });
  }
  server.shelf.refused.add('4.txt');
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error!.message).toContain('The file "4.txt" was refused');
  // It stays out, and all others go in.
  const { data } = await openai.vectorStores.files.list(storeId);
  const files = await Promise.all(data.map(({ id }) => openai.files.retrieve(id)));
  await openai.files.delete(files.find(({ filename }) => filename === '4.txt')!.id);
  const next = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(next.last_error).toBeNull();
  expect(server.shelf.stores[0]!.files).toHaveLength(6);
});

test('files that OpenAI cannot read are missed by the operator, not by the run', async () => {
  const warnings: string[] = [];
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer, {
    log: (level, message) => void (level === 'warn' && warnings.push(message)),
  });
  server.shelf.unreadable.add('guide.txt');
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.status).toBe('completed');
  expect(warnings).toEqual([
    expect.stringMatching(/^OpenAI could not read 1 files of vector store vs_\w+\.$/),
  ]);
});

test('a run waits for OpenAI to read the files, and fails when that takes too long', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer, { readyWithin: 50 });
  server.shelf.waits = 3;
  expect((await threads.runs.createAndPoll(threadId, { assistant_id })).status).toBe('completed');
  expect(server.requests.filter(({ method }) => method === 'GET')).toHaveLength(3);
  server.shelf.stores[0]!.files[0]!.waits = Number.POSITIVE_INFINITY;
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error).toEqual({
    code: 'server_error',
    message:
      'OpenAI has not made the files ready to be searched within 0.05 seconds. It goes on with them: try again.',
  });
});

test('a connection that cannot be made is told in a sentence', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer);
  await server.close();
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error!.message).toBe(`${prepared}: the server of its vector stores cannot be reached.`);
});

test.for([
  'POST /vector_stores',
  'POST /files',
  'POST /vector_stores/vs_1/file_batches',
  'GET /vector_stores/vs_1',
])('a cancel ends the run while %s is not answered, and leaves the way free for others', async (hanging) => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer);
  server.hangNext(hanging);
  const run = await threads.runs.create(threadId, { assistant_id });
  await until(() => {
    const last = server.requests.at(-1);
    return last && `${last.method} ${last.path}` === hanging;
  });
  await threads.runs.cancel(run.id, { thread_id: threadId });
  const ended = await threads.runs.poll(run.id, { thread_id: threadId }, { pollIntervalMs: 1 });
  expect(ended.status).toBe('cancelled');
  await until(() => server.abandoned === 1);
  const next = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(next).toMatchObject({ status: 'completed', last_error: null });
  expect(server.shelf.uploads).toHaveLength(1);
});

test('a cancel ends a run that waits for another one to send the same files', async () => {
  const { threads, thread, searcher, fileId, server } = await startHostedSearch(answer);
  const assistant_id = await searcher([fileId]);
  server.hangNext('POST /files');
  const [first, second] = [await thread(), await thread()];
  const sending = await threads.runs.create(first, { assistant_id });
  await until(() => server.requests.at(-1)?.path === '/files');
  const waiting = await threads.runs.create(second, { assistant_id });
  await until(async () => (await threads.runs.retrieve(waiting.id, { thread_id: second })).started_at);
  await threads.runs.cancel(waiting.id, { thread_id: second });
  const ended = await threads.runs.poll(waiting.id, { thread_id: second }, { pollIntervalMs: 1 });
  expect(ended.status).toBe('cancelled');
  await threads.runs.cancel(sending.id, { thread_id: first });
});

test('a model that is not of the Responses kind is refused with a sentence', async () => {
  const { threads, threadId, assistant_id, server } = await startHostedSearch(answer, {
    model: scriptedModel(['Hi']),
  });
  const run = await threads.runs.createAndPoll(threadId, { assistant_id });
  expect(run.last_error!.message).toBe(
    'The hosted file search needs an OpenAI Responses model, which "scripted" is not.',
  );
  expect(server.requests).toEqual([]);
});

test('the end of the engine ends what is being deleted at OpenAI; the next engine deletes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hosted-search-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { openai, threads, threadId, storeId, assistant_id, engine, server, again } = await startHostedSearch(
    answer,
    { storage: sqlite(folder) },
  );
  await threads.runs.createAndPoll(threadId, { assistant_id });
  server.hangNext('DELETE /vector_stores');
  await openai.vectorStores.delete(storeId);
  await until(() => server.requests.at(-1)?.method === 'DELETE');
  await engine.close();
  await until(() => server.abandoned === 1);
  expect(server.shelf.stores[0]!.isDeleted).toBe(false);
  await again({ storage: sqlite(folder) }).engine.ready();
  await until(() => server.shelf.stores[0]!.isDeleted && server.shelf.uploads.length === 0);
});
