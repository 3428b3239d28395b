import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { scriptedModel } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from './storage/sqlite.ts';
import { startChild } from './test-support/engine-child.ts';
import { startEngine, until } from './test-support/start-engine.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Asks for a hundred runs on one thread, by turns at each of the clients; answers what became of them. */
async function startHundred(clients: OpenAI[]) {
  const [first] = clients;
  const { id: assistant_id } = await first!.beta.assistants.create({ model: 'any' });
  const thread = await first!.beta.threads.create({
    messages: [{ role: 'user', content: 'What can you do?' }],
  });
  const attempts = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) =>
      clients[index % clients.length]!.beta.threads.runs.create(thread.id, { assistant_id }),
    ),
  );
  const started = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value.id] : []));
  const refused = attempts.flatMap((attempt) =>
    attempt.status === 'rejected' ? [attempt.reason as InstanceType<typeof OpenAI.APIError>] : [],
  );
  const runs = (await first!.beta.threads.runs.list(thread.id, { limit: 100 })).data.map(({ id }) => id);
  return { thread: thread.id, started, refused, runs };
}

test('of a hundred runs asked for over HTTP, at two processes on one folder, exactly one begins', async () => {
  const data = folder();
  const cache = join(data, 'cache');
  const children = [startChild(data, cache), startChild(data, cache)];
  onTestFinished(async () => {
    await Promise.all(children.map((child) => child.end('SIGKILL')));
  });
  const urls = await Promise.all(children.map(({ listening }) => listening));
  expect(children.flatMap((child) => child.complaints())).toEqual([]);
  const clients = urls.map((baseURL) => new OpenAI({ apiKey: 'none', baseURL: baseURL!, maxRetries: 0 }));
  const { thread, started, refused, runs } = await startHundred(clients);
  expect(started).toHaveLength(1);
  expect(runs).toEqual(started);
  const message = `400 Thread ${thread} already has an active run ${started[0]}.`;
  expect(new Set(refused.map((error) => error.message))).toEqual(new Set([message]));
  expect(children.flatMap((child) => child.complaints())).toEqual([]);
});

test('engines that start together on a new folder all find their tables', async () => {
  const cache = join(folder(), 'cache');
  for (let round = 0; round < 6; round++) {
    const data = folder();
    const children = [1, 2, 3].map(() => startChild(data, cache));
    const urls = await Promise.all(children.map(({ listening }) => listening));
    const codes = await Promise.all(children.map((child) => child.end('SIGTERM')));
    expect(children.flatMap((child) => child.complaints())).toEqual([]);
    expect(urls).not.toContain(undefined);
    expect(codes).toEqual([0, 0, 0]);
  }
}, 90_000);

test("two engines of one process on one folder do not stand in each other's way", async () => {
  const data = folder();
  const model = () => scriptedModel([() => ({ parts: [{ hang: true }] })]);
  const engines = [1, 2].map(() => startEngine({ storage: sqlite(data), model: model() }));
  const timed = async <Value>(work: Promise<Value>) => {
    const begin = performance.now();
    return { ...(await work), took: performance.now() - begin };
  };
  const alone = await timed(
    startHundred([startEngine({ storage: sqlite(folder()), model: model() }).openai]),
  );
  const { took, started, refused, runs } = await timed(startHundred(engines.map(({ openai }) => openai)));
  expect(started).toHaveLength(1);
  expect(runs).toEqual(started);
  expect(refused.map(({ status }) => status)).toEqual(Array.from({ length: 99 }, () => 400));
  // One that waits for the other's transaction inside the one thread that both have would wait in vain, for seconds.
  expect(took - alone.took).toBeLessThan(4000);
});

test('a thread that one engine deletes takes along what the other carries out and sends of it, to the last word', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const data = folder();
  const go = Promise.withResolvers<void>();
  const text = { parts: [{ text: 'One ' }, { wait: go.promise }, { text: 'moment.' }] };
  const hanging = { parts: [{ text: 'One ' }, { hang: true as const }] };
  const first = startEngine({ storage: sqlite(data), model: () => scriptedModel([text]) });
  const second = startEngine({ storage: sqlite(data), model: scriptedModel([]) });
  const slow = startEngine({ storage: sqlite(data), model: () => scriptedModel([hanging]) });
  const begin = async ({ threads, assistant, thread, engine }: typeof first) => {
    const thread_id = await thread();
    const { id } = await threads.runs.create(thread_id, { assistant_id: await assistant() });
    const { body } = await engine.fetch(`http://engine.local/v1/threads/${thread_id}/runs/${id}/stream`);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let sent = '';
    while (!sent.includes('One ')) sent += (await reader.read()).value;
    const rest = async () => {
      for (let next = await reader.read(); !next.done; next = await reader.read()) sent += next.value;
      return sent;
    };
    return { thread_id, rest: rest() };
  };
  const begun = [await begin(first), await begin(slow)];
  for (const { thread_id } of begun) await second.threads.delete(thread_id);
  go.resolve();
  // The one comes to its next step, the other has to be told.
  const ends = Promise.all(begun.map(({ rest }) => rest));
  let isOver = false;
  void ends.then(() => (isOver = true));
  await until(async () => {
    await vi.advanceTimersByTimeAsync(5_000);
    return isOver;
  });
  for (const sent of await ends) expect(sent).toMatch(/event: done\ndata: \[DONE\]\n\n$/);
  await Promise.all([first, second, slow].map(({ engine }) => engine.close()));
  const database = new DatabaseSync(join(data, 'engine.db'));
  for (const table of ['threads', 'runs', 'messages', 'steps', 'events']) {
    expect([table, database.prepare(`select * from ${table}`).all()]).toEqual([table, []]);
  }
  database.close();
}, 20_000);
