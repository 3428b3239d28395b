import { scriptedModel, type HostedItem } from '@use-assistant/test-kit';
import { expect, test } from 'vitest';
import { consume } from '../test-support/consume.ts';
import { until } from '../test-support/start-engine.ts';
import { startHosted } from '../test-support/start-hosted.ts';

const plot: HostedItem = { code: 'plot()', files: { 'trend.png': 'not really' } };

test('a container that is gone a second time fails the run with a sentence', async () => {
  const { threads, python, server } = await startHosted(() => [{ text: 'Yes.' }]);
  const assistant_id = await python();
  const { id } = await threads.create({ messages: [{ role: 'user', content: 'Hi' }] });
  await threads.runs.createAndPoll(id, { assistant_id });
  server.expireContainers();
  server.onContainer((container) => (container.isExpired = true));
  const run = await threads.runs.createAndPoll(id, { assistant_id });
  expect(run.last_error).toEqual({
    code: 'server_error',
    message: 'The container of the hosted code interpreter has expired again and again.',
  });
  // The call that finds the container expired, and one with a new container.
  expect(server.responses).toHaveLength(3);
});

test('a cancel ends the request to OpenAI and closes the step that is open', async () => {
  const { threads, python, thread, server } = await startHosted(() => [
    { code: 'print(1)', logs: '1\n' },
    { text: 'Never ends' },
    { hang: true },
  ]);
  const threadId = await thread();
  const stream = threads.runs.stream(threadId, { assistant_id: await python() });
  const runId = await new Promise<string>((resolve) => {
    let id = '';
    stream.on('event', ({ event, data }) => {
      if (event === 'thread.run.created') id = data.id;
      if (event === 'thread.message.delta') resolve(id);
    });
  });
  await threads.runs.cancel(runId, { thread_id: threadId });
  await stream.done();
  expect(stream.currentRun()?.status).toBe('cancelled');
  await until(() => server.abandoned === 1);
});

test('a cancel while files are carried in ends that too', async () => {
  const { threads, python, thread, server } = await startHosted(() => [{ text: 'Yes.' }]);
  server.hangNext('/containers');
  const threadId = await thread();
  const run = await threads.runs.create(threadId, { assistant_id: await python() });
  await until(() => server.requests.length === 1);
  await threads.runs.cancel(run.id, { thread_id: threadId });
  const ended = await threads.runs.poll(run.id, { thread_id: threadId }, { pollIntervalMs: 1 });
  expect(ended.status).toBe('cancelled');
  await until(() => server.abandoned === 1);
});

test.for([
  [
    '/containers',
    401,
    'server_error',
    'The hosted code interpreter could not be prepared: its API key was refused. Check the key.',
  ],
  [
    '/containers',
    429,
    'rate_limit_exceeded',
    'The hosted code interpreter could not be prepared: requests are limited, or the quota is used up. Try again later.',
  ],
  [
    '/content',
    404,
    'server_error',
    'The files that Python made could not be fetched: the request was refused (status 404).',
  ],
] as const)('a failure of %s (%i) is told in a sentence', async ([path, status, code, message]) => {
  const { threads, python, thread, server } = await startHosted(() => [plot, { text: 'Yes.' }]);
  // Once for the call, once for the client's own second try.
  server.failNext(path, status);
  server.failNext(path, status);
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await python() });
  expect(run).toMatchObject({ status: 'failed', last_error: { code, message } });
});

test('a connection that cannot be made is told in a sentence', async () => {
  const { threads, python, thread, server } = await startHosted(() => []);
  await server.close();
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await python() });
  expect(run.last_error!.message).toBe(
    'The hosted code interpreter could not be prepared: the server of its containers cannot be reached.',
  );
});

test('an expiry that is told within the stream is made good as well', async () => {
  const { threads, python, thread, server } = await startHosted((_, turn) =>
    turn === 0
      ? { items: [], failure: { code: 'server_error', message: 'Container is expired.' } }
      : [{ text: 'Yes.' }],
  );
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await python() });
  expect(run.status).toBe('completed');
  expect(server.responses.map(({ tools }) => tools![0]!.container)).toEqual(['cntr_1', 'cntr_2']);
});

test('a failure of OpenAI in the middle of an answer is told in a sentence, with its steps closed', async () => {
  const { threads, python, thread } = await startHosted(() => ({
    items: [{ code: 'print(1)', logs: '1\n' }, { text: 'Half' }],
    failure: { code: 'server_error', message: 'secret internals' },
  }));
  const { run, steps, messages } = await consume(
    threads.runs.stream(await thread(), { assistant_id: await python() }),
  );
  expect(run.status).toBe('failed');
  expect(run.last_error!.message).toBe('The model "gpt-5" failed while it answered.');
  expect(steps.map(({ status }) => status)).toEqual(['completed', 'failed']);
  expect(messages.map(({ status }) => status)).toEqual(['incomplete']);
});

test('an answer that is cut off by its limit inside an answer is incomplete', async () => {
  const { threads, python, thread } = await startHosted(() => ({
    items: [{ code: 'print(1)', logs: '1\n' }, { text: 'Half' }],
    incomplete: 'max_output_tokens',
  }));
  const { run } = await consume(threads.runs.stream(await thread(), { assistant_id: await python() }));
  expect(run.status).toBe('incomplete');
});

test('a model that is not of the Responses kind is refused with a sentence', async () => {
  const { threads, python, thread, server } = await startHosted(() => [], { model: scriptedModel(['Hi']) });
  const run = await threads.runs.createAndPoll(await thread(), { assistant_id: await python() });
  expect(run.last_error!.message).toBe(
    'The hosted code interpreter needs an OpenAI Responses model, which "scripted" is not.',
  );
  expect(server.requests).toEqual([]);
});
