import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedModel } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { sqlite } from './storage/sqlite.ts';
import { startChild } from './test-support/engine-child.ts';
import { startEngine } from './test-support/start-engine.ts';

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
