import { scriptedModel } from '@use-assistant/test-kit';
import { expect, test } from 'vitest';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { parseEvents, startEngine, until } from '../test-support/start-engine.ts';

const weather = { type: 'function' as const, function: { name: 'weather' } };

/** A run with Python, a function call and text, and all that its two streams sent. */
async function runWithCalls() {
  const model = scriptedModel([
    { parts: [{ call: 'code_interpreter', input: { code: 'print(1)' } }] },
    { parts: [{ text: ['I ', 'ask.'] }, { call: 'weather', input: { city: 'Oslo' } }] },
    { parts: [{ text: ['It ', 'is ', 'sunny.'] }] },
  ]);
  const started = startEngine({
    model,
    codeInterpreter: fakeInterpreter((_, { write }) => {
      write('1\n');
      return {};
    }),
  });
  const thread = await started.thread();
  const assistant_id = await started.assistant({ tools: [{ type: 'code_interpreter' }, weather] });
  const post = (body: unknown) => ({ method: 'POST', body: JSON.stringify(body) });
  const first = await started.events(`/threads/${thread}/runs`, post({ assistant_id, stream: true }));
  const { id, required_action } = first.at(-1)!.data;
  const [call] = required_action.submit_tool_outputs.tool_calls;
  const second = await started.events(
    `/threads/${thread}/runs/${id}/submit_tool_outputs`,
    post({ tool_outputs: [{ tool_call_id: call.id, output: 'sun' }], stream: true }),
  );
  return { ...started, first, sent: [...first, ...second], path: `/threads/${thread}/runs/${id}/stream` };
}

test('the replay of a run is exactly what its streams sent, one after the other', async () => {
  const { events, sent, path } = await runWithCalls();
  expect(sent.map(({ id }) => Number(id))).toEqual([...sent.keys()]);
  expect(sent.at(-1)!.event).toBe('thread.run.completed');
  expect(await events(path)).toEqual(sent);
});

test('a reader that was cut off after any event goes on without a gap and without a repeat', async () => {
  const { events, sent, path } = await runWithCalls();
  for (let seen = 0; seen < sent.length; seen++) {
    const rest = await events(path, { headers: { 'last-event-id': String(seen) } });
    expect(rest).toEqual(sent.slice(seen + 1));
  }
});

test('a stream ends where the run waits for its caller, and a replay of it ends there too', async () => {
  const model = scriptedModel([{ parts: [{ call: 'weather', input: {} }] }]);
  const { events, thread, assistant } = startEngine({ model });
  const path = `/threads/${await thread()}/runs`;
  const body = JSON.stringify({ assistant_id: await assistant({ tools: [weather] }), stream: true });
  const sent = await events(path, { method: 'POST', body });
  expect(sent.at(-1)!.event).toBe('thread.run.requires_action');
  expect(await events(`${path}/${sent.at(-1)!.data.id}/stream`)).toEqual(sent);
});

test('readers that come and go during a run all get the same events, and stop nothing', async () => {
  const steps = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const model = scriptedModel([
    { parts: steps.flatMap(({ promise }, index) => [{ text: [`${index}`, 'a', 'b'] }, { wait: promise }]) },
  ]);
  const { engine, threads, thread, assistant } = startEngine({ model });
  const thread_id = await thread();
  const run = await threads.runs.create(thread_id, { assistant_id: await assistant() });
  const url = `http://engine.local/v1/threads/${thread_id}/runs/${run.id}/stream`;
  const read = async () => (await engine.fetch(url)).text();
  const readers = [read()];
  for (const step of steps) {
    // One that leaves after its first bytes, one that leaves before, one that stays.
    const leaving = new AbortController();
    const left = await engine.fetch(url, { signal: leaving.signal });
    await left.body!.getReader().read();
    leaving.abort();
    await (await engine.fetch(url)).body!.cancel();
    readers.push(read());
    step.resolve();
  }
  const texts = await Promise.all(readers);
  expect(new Set(texts).size).toBe(1);
  const events = parseEvents(texts[0]!);
  expect(events.map(({ id }) => Number(id))).toEqual([...events.keys()]);
  expect(events.at(-1)!.event).toBe('thread.run.completed');
});

test('a reader that does not read holds up nobody, and gets everything when it does', async () => {
  const deltas = Array.from({ length: 5000 }, (_, index) => `${index} `);
  const model = scriptedModel([{ parts: [{ text: deltas }] }]);
  const { engine, threads, thread, assistant } = startEngine({ model });
  const thread_id = await thread();
  const assistant_id = await assistant();
  const slow = await engine.fetch(`http://engine.local/v1/threads/${thread_id}/runs`, {
    method: 'POST',
    body: JSON.stringify({ assistant_id, stream: true }),
  });
  await until(async () => (await threads.runs.list(thread_id)).data[0]?.status === 'completed');
  const events = parseEvents(await slow.text());
  expect(events.map(({ id }) => Number(id))).toEqual([...events.keys()]);
  const text = events.flatMap(({ event, data }) =>
    event === 'thread.message.delta' ? data.delta.content[0].text.value : [],
  );
  expect(text).toEqual(deltas);
});

test('a Last-Event-ID that is no number is refused', async () => {
  const { engine, path } = await runWithCalls();
  const response = await engine.fetch(`http://engine.local/v1${path}`, { headers: { 'last-event-id': 'x' } });
  expect(response.status).toBe(400);
});
