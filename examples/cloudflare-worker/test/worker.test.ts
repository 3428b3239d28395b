import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const root = resolve(import.meta.dirname, '../../..');
const alice = { authorization: 'Bearer the-secret-of-alice' };
const bob = { authorization: 'Bearer the-secret-of-bob' };

/** A key in the developer's shell must not make the tests talk to a real model. */
function withoutModel(): NodeJS.ProcessEnv {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, ASSISTANT_MODEL: _model, ...env } = process.env;
  return env;
}

describe('the worker under workerd, started by its one command', { timeout: 60_000 }, () => {
  let folder: string;
  let command: ChildProcess;
  let origin: string;

  const post = (path: string, body?: string, headers: Record<string, string> = alice): Promise<Response> =>
    fetch(`${origin}${path}`, { method: 'POST', headers, ...(body !== undefined && { body }) });
  const newThread = async (): Promise<string> => (await post('/threads')).text();

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cloudflare-worker-'));
    command = spawn('npm', ['run', 'example', 'cloudflare-worker', '--', '--port', '0', '--data', folder], {
      cwd: root,
      env: withoutModel(),
      stdio: ['ignore', 'pipe', 'inherit'],
      // A group of its own, ended as a terminal ends it: npm keeps signals to itself.
      detached: true,
    });
    for await (const line of createInterface({ input: command.stdout! })) {
      const ready = /Ready on (http:\/\/\S+)/.exec(line);
      if (ready) {
        origin = ready[1]!;
        command.stdout!.resume();
        break;
      }
    }
    if (!origin) throw new Error('The command ended before the worker was ready.');
  }, 120_000);

  afterAll(async () => {
    process.kill(-command.pid!, 'SIGTERM');
    if (command.exitCode === null && command.signalCode === null) await once(command, 'close');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }, 30_000);

  it('answers in plain text, with the prices that its function gave', async () => {
    const created = await post('/threads');
    expect(created.status).toBe(201);
    const threadId = await created.text();
    expect(threadId).toMatch(/^thread_\w+$/);
    const response = await post(
      `/threads/${threadId}/messages`,
      'What are the stock prices of Apple and Meta?',
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    const text = await response.text();
    expect(text).toContain('231.50 USD');
    expect(text).toContain('612.20 USD');
  });

  it('answers a stream when asked to', async () => {
    const response = await post(`/threads/${await newThread()}/messages?stream=1`, 'Solve 3x + 11 = 14');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await response.text()).toMatch(/x = 1\b/);
  });

  it('cancels the run of a caller who hangs up on a stream', async () => {
    const path = `/threads/${await newThread()}/messages`;
    const caller = new AbortController();
    // The offline model takes a minute to write that down.
    const body = 'Run this Python: print("word " * 5000)';
    const init = { method: 'POST', headers: alice, body, signal: caller.signal };
    const response = await fetch(`${origin}${path}?stream=1`, init);
    // The answer has begun, so its run has.
    expect((await post(path, 'Hello')).status).toBe(409);
    caller.abort();
    await expect(response.text()).rejects.toThrow(/abort/);
    await vi.waitFor(async () => expect((await post(path, 'Hello')).status).toBe(200));
  });

  it('shows a thread to nobody but the secret that it was made with', async () => {
    const threadId = await newThread();
    const foreign = await post(`/threads/${threadId}/messages`, 'Hello', bob);
    const missing = await post('/threads/thread_none/messages', 'Hello', bob);
    expect([foreign.status, await foreign.text()]).toEqual([missing.status, await missing.text()]);
    expect(foreign.status).toBe(404);
    expect((await post('/threads', undefined, {})).status).toBe(401);
    expect((await post('/threads', undefined, { authorization: 'Bearer short' })).status).toBe(401);
  });

  it('refuses what is no message, and says where messages go', async () => {
    const threadId = await newThread();
    expect((await post(`/threads/${threadId}/messages`, ' ')).status).toBe(400);
    expect((await post(`/threads/${threadId}/messages`, 'x'.repeat(256_001))).status).toBe(413);
    const lost = await fetch(origin);
    expect([lost.status, await lost.text()]).toEqual([
      404,
      expect.stringContaining('/threads/{id}/messages'),
    ]);
  });
});
