import { scriptedModel } from '@use-assistant/test-kit';
import { expect, test } from 'vitest';
import type { OpenStorage } from '../storage/port.ts';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine, until } from '../test-support/start-engine.ts';

test.each(['completed', 'cancelled'] as const)(
  'metadata that a message is given while it is written stays when the run is %s',
  async (end) => {
    const go = Promise.withResolvers<void>();
    const model = scriptedModel([{ parts: [{ text: 'It is' }, { wait: go.promise }, { text: ' sunny.' }] }]);
    const { threads, thread, assistant, events } = startEngine({ model });
    const thread_id = await thread();
    const run = await threads.runs.create(thread_id, { assistant_id: await assistant() });
    const [message] = await until(async () => {
      const { data } = await threads.messages.list(thread_id, { run_id: run.id });
      return data.length > 0 && data;
    });
    const metadata = { rating: 'good' };
    await threads.messages.update(message!.id, { thread_id, metadata });
    if (end === 'cancelled') await threads.runs.cancel(run.id, { thread_id });
    go.resolve();
    expect(await threads.runs.poll(run.id, { thread_id }, { pollIntervalMs: 10 })).toMatchObject({
      status: end,
    });
    expect(await threads.messages.retrieve(message!.id, { thread_id })).toMatchObject({
      status: end === 'completed' ? 'completed' : 'incomplete',
      metadata,
    });
    const told = await events(`/threads/${thread_id}/runs/${run.id}/stream`);
    expect(told.findLast(({ event }) => event.startsWith('thread.message.'))!.data).toMatchObject({
      metadata,
    });
  },
);

test('the first word of a message is stored with the message, so that its reader waits for one commit and not for two', async () => {
  const model = scriptedModel([{ parts: [{ text: ['It is', ' sunny.'] }] }]);
  let storage: OpenStorage | undefined;
  const open = async () => (storage = await sqlite(':memory:').open());
  const { threads, thread, assistant } = startEngine({ model, storage: { open } });
  const thread_id = await thread();
  const run = await threads.runs.createAndPoll(thread_id, { assistant_id: await assistant() });
  expect(run.status).toBe('completed');
  const rows = await storage!.database.selectFrom('events').select('frames').execute();
  const row = rows
    .map(({ frames }) => new TextDecoder().decode(frames))
    .find((text) => text.includes('It is'));
  expect(row).toContain('event: thread.message.in_progress');
  expect(row).not.toContain('sunny');
});
