import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import { expect, test, vi } from 'vitest';
import { fakeInterpreter } from '../test-support/fake-interpreter.ts';
import { startEngine, until } from '../test-support/start-engine.ts';

const weather = { type: 'function' as const, function: { name: 'weather' } };

async function startRun(turns: ScriptedTurnSource[], code = fakeInterpreter(() => ({}))) {
  const model = scriptedModel(turns);
  const started = startEngine({ model, codeInterpreter: code });
  const thread_id = await started.thread();
  const assistant_id = await started.assistant({ tools: [{ type: 'code_interpreter' }, weather] });
  const run = await started.threads.runs.create(thread_id, { assistant_id });
  const path = `/threads/${thread_id}/runs/${run.id}/stream`;
  const ended = async () => {
    const events = await started.events(path);
    return { events: events.map(({ event }) => event), last: events.at(-1)!.data };
  };
  return { ...started, model, thread_id, assistant_id, run, path, ended };
}

test.each([false, true])(
  'a cancel ends the run in the middle of its message (model that ignores the abort: %s)',
  async (ignoreAbort) => {
    const { threads, thread_id, run, ended, model } = await startRun([
      { parts: [{ text: ['Once ', 'upon'] }, { hang: true, ignoreAbort }] },
    ]);
    await until(async () => (await threads.messages.list(thread_id)).data[0]?.role === 'assistant');
    const answer = await threads.runs.cancel(run.id, { thread_id });
    expect(answer.status).toBe('cancelling');
    const { events, last } = await ended();
    expect(events.slice(-4)).toEqual([
      'thread.run.cancelling',
      'thread.message.incomplete',
      'thread.run.step.cancelled',
      'thread.run.cancelled',
    ]);
    expect(last).toMatchObject({ status: 'cancelled', cancelled_at: expect.any(Number), expires_at: null });
    expect(model.calls[0]!.abortSignal!.aborted).toBe(true);
    const { data } = await threads.messages.list(thread_id);
    expect(data[0]).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'run_cancelled' },
      content: [{ text: { value: 'Once upon' } }],
    });
  },
);

test('the model is aborted and the run over within 100 ms of the cancel', async () => {
  const hang = () => ({ parts: [{ text: 'Once' }, { hang: true as const, ignoreAbort: true }] });
  const { threads, assistant_id, thread_id, run, ended } = await startRun([hang]);
  await threads.runs.cancel(run.id, { thread_id });
  await ended();
  // The best of a few, since the machine may be busy with others; a wait of ours would show in each.
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const next = await threads.runs.create(thread_id, { assistant_id });
    await until(async () => (await threads.messages.list(thread_id)).data[0]?.run_id === next.id);
    const begin = performance.now();
    await threads.runs.cancel(next.id, { thread_id });
    await until(async () => (await threads.runs.retrieve(next.id, { thread_id })).status === 'cancelled');
    times.push(performance.now() - begin);
  }
  expect(Math.min(...times)).toBeLessThan(100);
});

test('a cancel while Python runs ends the Python', async () => {
  let isAborted = false;
  const interpreter = fakeInterpreter(
    (_, { signal, write }) =>
      new Promise((resolve) => {
        write('working\n');
        signal!.addEventListener('abort', () => {
          isAborted = true;
          resolve({ outcome: 'cancelled' });
        });
      }),
  );
  const { threads, thread_id, run, ended } = await startRun(
    [{ parts: [{ call: 'code_interpreter', input: { code: 'while True: pass' } }] }],
    interpreter,
  );
  await until(() => interpreter.runs.length > 0);
  await threads.runs.cancel(run.id, { thread_id });
  const { events } = await ended();
  expect(isAborted).toBe(true);
  expect(events.slice(-3)).toEqual([
    'thread.run.cancelling',
    'thread.run.step.cancelled',
    'thread.run.cancelled',
  ]);
  const steps = await threads.runs.steps.list(run.id, { thread_id });
  expect(steps.data[0]!.step_details).toMatchObject({
    tool_calls: [{ code_interpreter: { input: 'while True: pass', outputs: [{ logs: 'working\n' }] } }],
  });
});

test('a run that waits for outputs can be cancelled, and takes none afterwards', async () => {
  const { threads, thread_id, run, ended } = await startRun([{ parts: [{ call: 'weather', input: {} }] }]);
  const waiting = await until(async () => {
    const now = await threads.runs.retrieve(run.id, { thread_id });
    return now.status === 'requires_action' && now;
  });
  const answer = await threads.runs.cancel(run.id, { thread_id });
  expect(answer).toMatchObject({ status: 'cancelling', required_action: null });
  const { events } = await ended();
  expect(events.slice(-4)).toEqual([
    'thread.run.requires_action',
    'thread.run.cancelling',
    'thread.run.step.cancelled',
    'thread.run.cancelled',
  ]);
  const [call] = waiting.required_action!.submit_tool_outputs.tool_calls;
  await expect(
    threads.runs.submitToolOutputs(run.id, {
      thread_id,
      tool_outputs: [{ tool_call_id: call!.id, output: '' }],
    }),
  ).rejects.toMatchObject({ message: '400 Runs in status "cancelled" do not accept tool outputs.' });
});

test('many cancels at once are all answered, and the run is cancelled once', async () => {
  const { threads, thread_id, run, ended } = await startRun([{ parts: [{ hang: true }] }]);
  const cancels = await Promise.allSettled(
    Array.from({ length: 10 }, () => threads.runs.cancel(run.id, { thread_id })),
  );
  // Whoever comes after the end is told so; everyone else sees it coming.
  const answers = cancels.map((cancel) =>
    cancel.status === 'fulfilled' ? cancel.value.status : (cancel.reason as Error).message,
  );
  const legal = new Set(['cancelling', "400 Cannot cancel run with status 'cancelled'."]);
  expect(answers.filter((answer) => !legal.has(answer))).toEqual([]);
  expect(cancels[0]!.status).toBe('fulfilled');
  const { events } = await ended();
  expect(events.filter((event) => event === 'thread.run.cancelled')).toHaveLength(1);
  expect(events.filter((event) => event === 'thread.run.cancelling')).toHaveLength(1);
});

test('a run that is over cannot be cancelled', async () => {
  const { threads, thread_id, run, ended } = await startRun(['Done.']);
  await ended();
  await expect(threads.runs.cancel(run.id, { thread_id })).rejects.toMatchObject({
    status: 400,
    message: "400 Cannot cancel run with status 'completed'.",
  });
});

test('the thread is free after a cancel, and the next prompt is legal', async () => {
  const { threads, thread_id, assistant_id, run, ended, model } = await startRun([
    { parts: [{ text: 'Once' }, { call: 'weather', input: {} }] },
    'Hello again.',
  ]);
  await until(async () => (await threads.runs.retrieve(run.id, { thread_id })).status === 'requires_action');
  await threads.runs.cancel(run.id, { thread_id });
  await ended();
  await threads.messages.create(thread_id, { role: 'user', content: 'And now?' });
  const next = await threads.runs.createAndPoll(thread_id, { assistant_id });
  expect(next.status).toBe('completed');
  // The call that nobody answered is left out: providers refuse a call without a result.
  expect(model.prompts[1]!.slice(1)).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'Once' }] },
    { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
  ]);
});

test('a deleted thread takes its running run along, and its readers are let go', async () => {
  const { threads, thread_id, run, model, engine, path } = await startRun([
    { parts: [{ text: 'Once' }, { hang: true }] },
  ]);
  await until(() => model.calls.length > 0);
  const reading = engine.fetch(`http://engine.local/v1${path}`).then((response) => response.text());
  await threads.delete(thread_id);
  await until(() => model.calls[0]!.abortSignal!.aborted);
  await expect(threads.runs.retrieve(run.id, { thread_id })).rejects.toMatchObject({ status: 404 });
  expect(await reading).toMatch(/event: done/);
});

test('a run expires ten minutes after it was made, by the timer alone', async () => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  try {
    const { threads, thread_id, run, ended } = await startRun([
      { parts: [{ text: 'Once' }, { hang: true }] },
    ]);
    expect(run.expires_at).toBe(run.created_at + 600);
    await until(async () => (await threads.messages.list(thread_id)).data[0]?.role === 'assistant');
    await vi.advanceTimersByTimeAsync(598_000);
    expect((await threads.runs.retrieve(run.id, { thread_id })).status).toBe('in_progress');
    await vi.advanceTimersByTimeAsync(3_000);
    const { events, last } = await ended();
    expect(events.slice(-3)).toEqual([
      'thread.message.incomplete',
      'thread.run.step.expired',
      'thread.run.expired',
    ]);
    expect(last).toMatchObject({ status: 'expired', expires_at: run.expires_at });
  } finally {
    vi.useRealTimers();
  }
});

test('a run that waits for outputs expires too, and says so to whoever submits them', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const { threads, thread_id, run } = await startRun([{ parts: [{ call: 'weather', input: {} }] }]);
    const waiting = await until(async () => {
      const now = await threads.runs.retrieve(run.id, { thread_id });
      return now.status === 'requires_action' && now;
    });
    vi.setSystemTime(Date.now() + 601_000);
    const [call] = waiting.required_action!.submit_tool_outputs.tool_calls;
    await expect(
      threads.runs.submitToolOutputs(run.id, {
        thread_id,
        tool_outputs: [{ tool_call_id: call!.id, output: '' }],
      }),
    ).rejects.toMatchObject({ message: '400 Runs in status "expired" do not accept tool outputs.' });
    const steps = await threads.runs.steps.list(run.id, { thread_id });
    expect(steps.data[0]).toMatchObject({ status: 'expired', expired_at: expect.any(Number) });
  } finally {
    vi.useRealTimers();
  }
});
