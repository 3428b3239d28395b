import { scriptedModel } from '@use-assistant/test-kit';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { OpenStorage } from '../storage/port.ts';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine } from '../test-support/start-engine.ts';

test('when nothing can be stored, readers get an error event, the operator a line, and later the thread is free', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  let open: OpenStorage | undefined;
  const memory = sqlite(':memory:');
  const go = Promise.withResolvers<void>();
  const log = vi.fn<(level: string, message: string) => void>();
  const { engine, thread, assistant, threads } = startEngine({
    storage: { open: async () => (open = await memory.open()) },
    model: scriptedModel([{ parts: [{ text: 'Once' }, { wait: go.promise }, { text: 'more' }] }]),
    log,
  });
  const thread_id = await thread();
  const assistant_id = await assistant();
  const response = await engine.fetch(`http://engine.local/v1/threads/${thread_id}/runs`, {
    method: 'POST',
    body: JSON.stringify({ assistant_id, stream: true }),
  });
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('Once')) text += (await reader.read()).value;
  await sql`create trigger full before insert on events begin select raise(abort, 'disk full'); end`.execute(
    open!.database,
  );
  go.resolve();
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  const error = /event: error\ndata: (.*)\n\n$/.exec(text)![1]!;
  expect(JSON.parse(error)).toMatchObject({ type: 'server_error', message: expect.any(String) });
  expect(text).not.toContain('disk full');
  expect(log.mock.calls.map(([, message]) => message)).toContainEqual(
    expect.stringContaining('could not be ended'),
  );
  await sql`drop trigger full`.execute(open!.database);
  await vi.advanceTimersByTimeAsync(10_000);
  const [run] = (await threads.runs.list(thread_id)).data;
  expect(run).toMatchObject({ status: 'failed', last_error: { message: expect.stringContaining('stored') } });
});

test('a full disk is named as that, to the caller and to the operator, and is over when there is room', async () => {
  let open: OpenStorage | undefined;
  const memory = sqlite(':memory:');
  const log = vi.fn<(level: string, message: string, fields?: object) => void>();
  const { openai, threads } = startEngine({
    storage: { open: async () => (open = await memory.open()) },
    model: scriptedModel([]),
    log,
  });
  await threads.create({});
  await sql`pragma max_page_count = 1`.execute(open!.database);
  const big = threads.create({ messages: [{ role: 'user', content: 'x'.repeat(100_000) }] });
  await expect(big).rejects.toMatchObject({ status: 507, message: expect.stringContaining('no space left') });
  const errors = log.mock.calls.filter(([level]) => level === 'error');
  expect(errors.map(([, , fields]) => fields)).toEqual([
    expect.objectContaining({ cause: expect.stringContaining('full') }),
  ]);
  await sql`pragma max_page_count = 1000000`.execute(open!.database);
  expect((await openai.beta.threads.create({ messages: [{ role: 'user', content: 'x' }] })).id).toBeTruthy();
});
