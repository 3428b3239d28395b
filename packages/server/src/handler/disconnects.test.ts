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

it('a thousand clients that leave at once leave no run behind', async () => {
  const clients = await Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
  expect((await chat.say('one too many')).status).toBe(429);
  const left = performance.now();
  const before = process.cpuUsage();
  await Promise.all(clients.map(({ reader }) => reader.cancel()));
  // The last in line is looked at until it is over, and then all others: looking costs as much as ending.
  let took: string | undefined;
  for (const client of clients.toReversed()) {
    while (!(await isOver(client))) await new Promise((resolve) => setTimeout(resolve, 10));
    const { user, system } = process.cpuUsage(before);
    took ??= `${Math.round(performance.now() - left)} ms, ${Math.round((user + system) / 1000)} ms of one core`;
  }
  console.info(`${count} runs ended after their clients had left: ${took}`);
  // Their places are free again, and so are their threads.
  const next = await begin(count);
  await next.reader.cancel();
}, 120_000);
