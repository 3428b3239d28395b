import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseEvents, startEngine, toEvents } from '../test-support/start-engine.ts';

const comment = ': still here\n\n';

/** A run whose model says one word and then nothing until it is let go; and a reader of its stream. */
async function startIdle() {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const go = Promise.withResolvers<void>();
  const parts = [{ text: 'One' }, { wait: go.promise }, { text: ' word' }];
  const started = startEngine({ model: scriptedModel([{ parts }]) });
  await started.engine.ready();
  const timers = vi.getTimerCount();
  const thread_id = await started.thread();
  const run = await started.threads.runs.create(thread_id, { assistant_id: await started.assistant() });
  const read = async (headers: Record<string, string> = {}) => {
    const path = `/v1/threads/${thread_id}/runs/${run.id}/stream`;
    const response = await started.engine.fetch(`http://engine.local${path}`, { headers });
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const next = async () => (await reader.read()).value ?? '';
    /** All up to a text, and with it. */
    const until = async (text: string) => {
      let all = '';
      while (!all.includes(text)) all += await next();
      return all;
    };
    return { status: response.status, reader, next, until };
  };
  return { ...started, thread_id, run, go, read, timers };
}

test('a stream that is silent says every few seconds that it lives, and stops when it is over', async () => {
  const { read, go, timers } = await startIdle();
  const { next, until } = await read();
  let all = await until('"One"');
  for (let round = 0; round < 3; round++) {
    const word = next();
    // Reading waits by now, or will before the clock has gone round.
    await new Promise((resolve) => setImmediate(resolve));
    vi.advanceTimersByTime(15_000);
    expect(await word).toBe(comment);
  }
  go.resolve();
  all += await until('[DONE]');
  expect(parseEvents(all).at(-1)!.event).toBe('thread.run.completed');
  expect(vi.getTimerCount()).toBe(timers);
});

test('a reader that does not read finds no heap of comments, and one that leaves leaves no timer', async () => {
  const { read, go, timers } = await startIdle();
  const slow = await read();
  const left = await read();
  await left.until('"One"');
  await slow.until('"One"');
  for (let minute = 0; minute < 60; minute++) vi.advanceTimersByTime(60_000);
  await left.reader.cancel();
  go.resolve();
  const rest = await slow.until('[DONE]');
  expect(rest.split(comment).length - 1).toBeLessThanOrEqual(1);
  await vi.waitFor(() => expect(vi.getTimerCount()).toBe(timers));
});

test('a HEAD is told of a stream and opens none', async () => {
  const { engine, openai, thread_id, run, go, timers } = await startIdle();
  const head = async (beta: string) => {
    const url = `http://engine.local/v1/threads/${thread_id}/runs/${run.id}/stream`;
    const response = await engine.fetch(url, { method: 'HEAD', headers: { 'openai-beta': beta } });
    return [response.status, response.headers.get('content-type'), response.body];
  };
  for (const beta of ['assistants=v2', 'assistants=v1']) {
    expect(await head(beta)).toEqual([200, 'text/event-stream', null]);
    expect([beta, vi.getTimerCount()]).toEqual([beta, timers]);
  }
  go.resolve();
  await openai.beta.threads.runs.poll(run.id, { thread_id });
});

test('Last-Event-ID takes the number of an event that there is, and says of others that they are none', async () => {
  const { read, go, engine, run, thread_id } = await startIdle();
  const all = await read();
  const seen = toEvents(await all.until('"One"'));
  const last = Number(seen.at(-1)!.id);
  for (const header of ['x', '1.5', '1 2', '1e3', '0x1', '9'.repeat(16), '2_1', `run_1:${last}`]) {
    expect([header, (await read({ 'last-event-id': header })).status]).toEqual([header, 400]);
  }
  // Of another run, or made up: whoever goes on behind it would miss what comes before.
  expect((await read({ 'last-event-id': `${last + 1}` })).status).toBe(400);
  const readers = await Promise.all(
    [-1, 0, last - 1, last].map(async (id) =>
      Object.assign(await read({ 'last-event-id': `${id}` }), { id }),
    ),
  );
  const nothingSeen = await read({ 'last-event-id': '' });
  go.resolve();
  const whole = parseEvents(await nothingSeen.until('[DONE]'));
  for (const { id, until } of readers) {
    expect(parseEvents(await until('[DONE]'))).toEqual(whole.slice(id + 1));
  }
  const end = Number(whole.at(-1)!.id);
  expect(await (await read({ 'last-event-id': `${end}` })).until('[DONE]')).toBe(
    'event: done\ndata: [DONE]\n\n',
  );
  const past = await engine.fetch(`http://engine.local/v1/threads/${thread_id}/runs/${run.id}/stream`, {
    headers: { 'last-event-id': `${end + 1}` },
  });
  expect([past.status, await past.json()]).toMatchObject([
    400,
    { error: { message: `Invalid value for 'Last-Event-ID': the run has no event ${end + 1}.` } },
  ]);
});
