import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer } from '@use-assistant/test-kit';
import { expect, onTestFinished, test } from 'vitest';
import { parseEvents } from '../test-support/start-engine.ts';
import { startProcess } from '../test-support/start-process.ts';

const megabyte = 2 ** 20;
const word = `${'word '.repeat(1000)}\n`;

async function start(length: number) {
  const words = Array.from({ length }, () => word);
  const models = await startModelServer({ reply: () => words });
  onTestFinished(() => models.close());
  const data = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const env = { OPENAI_BASE_URL: models.url, ASSISTANT_MODEL: 'stand-in' };
  const { url, openai, peak } = await startProcess(data, env);
  const assistant = await openai.beta.assistants.create({ model: 'any' });
  const run = async () => {
    const created = await openai.beta.threads.createAndRun({ assistant_id: assistant.id, thread: {} });
    return { path: `/v1/threads/${created.thread_id}/runs/${created.id}/stream`, ...created };
  };
  return { url, openai, peak, run };
}

/** Asks for a stream, and reads nothing of it. */
async function askAndStall(url: string, path: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${new URL(url).host}\r\n\r\n`);
  return socket;
}

test('readers that never read cost bounded memory, and hold up neither their run nor those who read', async () => {
  const { url, openai, peak, run } = await start(2000);
  // What a run of 10 MB takes by itself.
  const alone = await run();
  await openai.beta.threads.runs.poll(alone.id, alone, { pollIntervalMs: 50 });
  const before = await peak();

  const watched = await run();
  const stalled = await Promise.all(Array.from({ length: 40 }, () => askAndStall(url, watched.path)));
  const reading = fetch(new URL(watched.path, url)).then((response) => response.text());
  const ended = await openai.beta.threads.runs.poll(watched.id, watched, { pollIntervalMs: 50 });
  expect(ended.status).toBe('completed');
  const events = parseEvents(await reading);
  expect(events.map(({ id }) => Number(id))).toEqual([...events.keys()]);
  const late = await Promise.all(Array.from({ length: 20 }, () => askAndStall(url, watched.path)));
  await openai.beta.threads.retrieve(watched.thread_id);

  // Held in memory, the streams of all would be 600 MB.
  expect((await peak()) - before).toBeLessThan(300 * megabyte);
  for (const socket of [...stalled, ...late]) socket.destroy();
  expect((await openai.beta.threads.runs.retrieve(watched.id, watched)).status).toBe('completed');
}, 120_000);
