import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEngine, sqlite } from '@use-assistant/engine';
import { scriptedModel, type ScriptedTurnSource } from '@use-assistant/test-kit';
import OpenAI from 'openai';
import { afterEach, expect, it, vi } from 'vitest';
import worker from '../src/worker.ts';

const headers = { authorization: 'Bearer the-secret-of-alice' };
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllGlobals();
  for (const clean of cleanups.splice(0)) await clean();
});

/** The worker as a plain fetch handler, before an engine whose model follows a script. */
function start(turns: ScriptedTurnSource[] = [() => 'Hello.'], settings: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'worker-answer-'));
  const engine = createEngine({ model: scriptedModel(turns), storage: sqlite(folder) });
  cleanups.push(async () => {
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });
  vi.stubGlobal('fetch', (input: string, init: RequestInit) => engine.fetch(input, init));
  const env = { ENGINE_URL: 'http://engine.local/v1', ...settings };
  const post = async (path: string, body?: string, signal?: AbortSignal): Promise<Response> =>
    worker.request(path, { method: 'POST', headers, body: body ?? null, signal: signal ?? null }, env);
  const thread = async (): Promise<string> => (await post('/threads')).text();
  return { openai: engine.openai() as OpenAI, post, thread };
}

it('makes its assistant once, however many first messages come at the same time', async () => {
  const { openai, post, thread } = start();
  const threads = await Promise.all(Array.from({ length: 8 }, thread));
  const answers = await Promise.all(
    threads.map(async (id) => (await post(`/threads/${id}/messages`, 'Hi')).text()),
  );
  expect(answers).toEqual(Array.from({ length: 8 }, () => 'Hello.\n'));
  expect((await openai.beta.assistants.list()).data).toHaveLength(1);
});

it('lets nobody wait for a caller who makes the assistant and never comes to an end', async () => {
  const { post, thread } = start();
  const [first, second] = [await thread(), await thread()];
  const passOn = globalThis.fetch;
  let isStuck = false;
  vi.stubGlobal('fetch', (input: string, init: RequestInit) => {
    if (isStuck || init.method !== 'POST' || !input.endsWith('/assistants')) return passOn(input, init);
    isStuck = true;
    return new Promise(() => {});
  });
  void post(`/threads/${first}/messages`, 'Hi');
  await vi.waitFor(() => expect(isStuck).toBe(true));
  expect(await (await post(`/threads/${second}/messages`, 'Hi')).text()).toBe('Hello.\n');
});

it('finds its assistant behind more than a page of others', async () => {
  const { openai, post, thread } = start();
  await post(`/threads/${await thread()}/messages`, 'Hi');
  const [{ id }] = (await openai.beta.assistants.list()).data as [OpenAI.Beta.Assistant];
  await Promise.all(
    Array.from({ length: 120 }, (_, index) =>
      openai.beta.assistants.create({ model: 'm', name: `Other ${index}` }),
    ),
  );
  await openai.beta.assistants.create({ model: 'm', name: 'Finance helper' });
  const threadId = await thread();
  await post(`/threads/${threadId}/messages`, 'Hi');
  const runs = await openai.beta.threads.runs.list(threadId);
  expect(runs.data[0]!.assistant_id).toBe(id);
});

it('has words of its own for every ending', async () => {
  const endings: [ScriptedTurnSource, number, RegExp][] = [
    [{ error: new Error('secret of the provider') }, 502, /^The model failed to answer/],
    [{ parts: [{ text: 'Half an' }], finish: 'length' }, 502, /^The answer is cut off: max_\w+/],
  ];
  for (const [turn, status, message] of endings) {
    const { post, thread } = start([turn]);
    const response = await post(`/threads/${await thread()}/messages`, 'Hi');
    expect([response.status, await response.text()]).toEqual([status, expect.stringMatching(message)]);
  }
});

it('cancels the run when time is over, and says so', async () => {
  const { openai, post, thread } = start([{ parts: [{ text: 'Let me' }, { hang: true }] }], {
    RUN_SECONDS: '0.3',
  });
  const threadId = await thread();
  const response = await post(`/threads/${threadId}/messages`, 'Hi');
  expect([response.status, await response.text()]).toEqual([504, expect.stringMatching(/took too long/)]);
  await vi.waitFor(async () => {
    const runs = await openai.beta.threads.runs.list(threadId);
    expect(runs.data[0]!.status).toBe('cancelled');
  });
});

it('refuses a second message while the first is being answered', async () => {
  const gate = Promise.withResolvers<void>();
  const { openai, post, thread } = start([{ parts: [{ text: 'One' }, { wait: gate.promise }] }]);
  const threadId = await thread();
  const first = post(`/threads/${threadId}/messages`, 'Hi');
  await vi.waitFor(async () => expect((await openai.beta.threads.runs.list(threadId)).data).toHaveLength(1));
  const second = await post(`/threads/${threadId}/messages`, 'Hi again');
  expect([second.status, await second.text()]).toEqual([409, expect.stringMatching(/still being written/)]);
  gate.resolve();
  expect(await (await first).text()).toBe('One\n');
});

it('streams the text while it is being written, and cancels the run when the caller hangs up', async () => {
  const { openai, post, thread } = start([{ parts: [{ text: 'Let me see' }, { hang: true }] }]);
  const threadId = await thread();
  const caller = new AbortController();
  const response = await post(`/threads/${threadId}/messages?stream=1`, 'Hi', caller.signal);
  const reader = response.body!.getReader();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('Let me see');
  caller.abort();
  await vi.waitFor(async () => {
    const runs = await openai.beta.threads.runs.list(threadId);
    expect(runs.data[0]!.status).toBe('cancelled');
  });
  await reader.cancel();
});

it('ends a stream that breaks with the reason in words', async () => {
  const { post, thread } = start([
    { parts: [{ text: 'Let me' }, { streamError: new Error('secret of the provider') }] },
  ]);
  const response = await post(`/threads/${await thread()}/messages?stream=1`, 'Hi');
  expect(await response.text()).toMatch(/^Let me[\s\S]*\[The model failed to answer. Ask again.\]$/);
});
