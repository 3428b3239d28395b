import { afterAll, beforeAll, expect, it } from 'vitest';
import { startChat } from '../test-support/chat.ts';
import type { Chat } from '../test-support/chat.ts';

const count = 1000;
let chat: Chat;
beforeAll(() => {
  chat = startChat({
    turns: [() => ({ parts: [{ text: 'So' }, { hang: true }] })],
    onDisconnect: 'cancel',
    maxConcurrentRuns: count,
  });
});
afterAll(() => chat.close());

/** Begins a run, and reads until it has said something. */
async function begin(index: number) {
  const reader = (await chat.say(`${index}`)).body!.getReader();
  let seen = '';
  while (!seen.includes('text-delta')) seen += new TextDecoder().decode((await reader.read()).value);
  const [, threadId, runId] = /"threadId":"(thread_\w+)","runId":"(run_\w+)"/.exec(seen)!;
  return { reader, threadId: threadId!, runId: runId! };
}

async function isOver({ threadId: thread_id, runId }: { threadId: string; runId: string }): Promise<boolean> {
  const { status } = await chat.openai.beta.threads.runs.retrieve(runId, { thread_id });
  expect(['in_progress', 'cancelling', 'cancelled']).toContain(status);
  return status === 'cancelled';
}

/** What passes from here on, in milliseconds: by the clock, and of work in this process. */
function stopwatch(): () => { wall: number; cpu: number } {
  const begin = performance.now();
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return { wall: Math.round(performance.now() - begin), cpu: Math.round((user + system) / 1000) };
  };
}

it('a thousand clients that leave at once leave no run behind within a second', async () => {
  const beginning = stopwatch();
  const clients = await Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
  const begun = beginning();
  expect((await chat.say('one too many')).status).toBe(429);
  const ending = stopwatch();
  await Promise.all(clients.map(({ reader }) => reader.cancel()));
  // The last in line is waited for. Then all others are over: they are looked at once, which costs as much as ending.
  while (!(await isOver(clients.at(-1)!))) await new Promise((resolve) => setTimeout(resolve, 10));
  const ended = ending();
  for (const client of clients) expect(await isOver(client)).toBe(true);
  console.info(`${count} runs, milliseconds: begun ${JSON.stringify(begun)}, ended ${JSON.stringify(ended)}`);
  // A second of work, for by the clock it takes as long as others leave it. A machine on which work itself takes longer
  // has shown so before: it began the same runs.
  expect(ended.cpu).toBeLessThan(Math.max(1000, begun.cpu / 3));
  // Nor is it only waited for.
  expect(ended.wall).toBeLessThan(Math.max(1000, begun.wall));
  // Their places are free again, and so are their threads.
  const next = await begin(count);
  await next.reader.cancel();
}, 120_000);
