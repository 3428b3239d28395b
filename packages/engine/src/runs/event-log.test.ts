import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scriptedModel } from '@use-assistant/test-kit';
import { expect, onTestFinished, test, vi } from 'vitest';
import { sqlite } from '../storage/sqlite.ts';
import { startEngine, until, type StartedEngine } from '../test-support/start-engine.ts';

/** What engines that share a folder must agree on: the order of a run's events, and where they end. */

const weather = { type: 'function' as const, function: { name: 'weather' } };
const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) });

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Two engines that learn of each other's events only when they must: the heartbeat stands still. */
function startTwo(model: ReturnType<typeof scriptedModel>, fake: 'Date'[] = []) {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', ...fake] });
  onTestFinished(() => void vi.useRealTimers());
  const data = folder();
  const start = () => startEngine({ storage: sqlite(data), model });
  return [start(), start(), data] as const;
}

/** Reads the run's stream at the engine until it has seen the event; then it follows on, unread. */
async function follow({ engine }: StartedEngine, path: string, event: string): Promise<void> {
  const response = await engine.fetch(`http://engine.local/v1${path}`);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  onTestFinished(() => reader.cancel());
  for (let text = ''; !text.includes(`event: ${event}\n`); text += (await reader.read()).value ?? '');
}

async function startWaiting() {
  const go = Promise.withResolvers<void>();
  const model = scriptedModel([
    { parts: [{ text: 'I ask' }, { wait: go.promise }, { call: 'weather', input: {} }] },
    { parts: [{ text: 'It is sunny.' }] },
  ]);
  const [one, other] = startTwo(model);
  const thread = await one.thread();
  const run = await one.threads.runs.create(thread, {
    assistant_id: await one.assistant({ tools: [weather] }),
  });
  const path = `/threads/${thread}/runs/${run.id}`;
  await follow(other, `${path}/stream`, 'thread.message.delta');
  go.resolve();
  const { required_action } = await until(async () => {
    const found = await other.threads.runs.retrieve(run.id, { thread_id: thread });
    return found.status === 'requires_action' && found;
  });
  const [call] = required_action!.submit_tool_outputs.tool_calls;
  return { other, one, path, outputs: [{ tool_call_id: call!.id, output: 'sun' }] };
}

test('outputs may go to an engine that has not seen how the run came to ask for them', async () => {
  const { one, other, path, outputs } = await startWaiting();
  const before = await one.events(`${path}/stream`);
  const sent = await other.events(
    `${path}/submit_tool_outputs`,
    post({ tool_outputs: outputs, stream: true }),
  );
  expect(sent.at(-1)!.event).toBe('thread.run.completed');
  expect(await one.events(`${path}/stream`)).toEqual([...before, ...sent]);
});

test('a reader goes on behind an event that another engine has stored since', async () => {
  const { one, other, path } = await startWaiting();
  const whole = await one.events(`${path}/stream`);
  for (let seen = 0; seen < whole.length; seen++) {
    const rest = await other.events(`${path}/stream`, { headers: { 'last-event-id': String(seen) } });
    expect(rest).toEqual(whole.slice(seen + 1));
  }
});

test.each(['as they came', 'put together'])(
  'nothing follows the end of a run that another engine wrote, its events lying there %s',
  async (how) => {
    const go = Promise.withResolvers<void>();
    const model = scriptedModel([{ parts: [{ text: 'It is' }, { wait: go.promise }, { text: ' sunny.' }] }]);
    const [one, other, data] = startTwo(model, ['Date']);
    const thread = await one.thread();
    const run = await one.threads.runs.create(thread, { assistant_id: await one.assistant() });
    const path = `/threads/${thread}/runs/${run.id}/stream`;
    await follow(one, path, 'thread.message.delta');
    vi.setSystemTime(Date.now() + 601_000);
    const ended = await other.threads.runs.retrieve(run.id, { thread_id: thread });
    expect(ended.status).toBe('expired');
    const whole = await other.events(path);
    expect(whole.map(({ event }) => event).slice(-3)).toEqual([
      'thread.message.incomplete',
      'thread.run.step.expired',
      'thread.run.expired',
    ]);
    // Closing does at once what is else done a second after the end.
    if (how === 'put together') await other.engine.close();

    go.resolve();
    // Given time, closing waits for what is carried out.
    await one.engine.close({ grace: 10_000 });
    const reader = startEngine({ storage: sqlite(data), model });
    expect(await reader.events(path)).toEqual(whole);
    const [message] = (await reader.threads.messages.list(thread)).data;
    expect(message).toMatchObject({ status: 'incomplete', content: [{ text: { value: 'It is' } }] });
  },
);
