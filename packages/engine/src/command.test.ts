import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { parseCommand, startCommand } from './command.ts';
import { CommandError } from './command-error.ts';
import type { EngineLog } from './log.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(settings: Partial<Parameters<typeof startCommand>[0]> = {}, log: EngineLog = () => {}) {
  const command = await startCommand(
    {
      port: 0,
      host: '127.0.0.1',
      data: folder(),
      apiKey: undefined,
      model: undefined,
      interpreter: 'pyodide',
      grace: 0,
      ...settings,
    },
    {},
    log,
  );
  onTestFinished(() => command.close());
  return command;
}

test('the command line has its defaults, and every option', () => {
  expect(parseCommand([], {})).toEqual({
    port: 4010,
    host: '127.0.0.1',
    data: '.data',
    apiKey: undefined,
    model: undefined,
    interpreter: 'pyodide',
    grace: 10_000,
  });
  expect(
    parseCommand(['--port', '0', '--host', '0.0.0.0', '--data', 'd', '--model', 'm', '--grace', '1.5'], {
      ENGINE_API_KEY: 'k',
    }),
  ).toEqual({
    port: 0,
    host: '0.0.0.0',
    data: 'd',
    apiKey: 'k',
    model: 'm',
    interpreter: 'pyodide',
    grace: 1500,
  });
  expect(parseCommand(['--interpreter', 'auto'], {})).toMatchObject({ interpreter: 'auto' });
  expect(parseCommand(['--api-key', 'a'], { ENGINE_API_KEY: 'k' })).toMatchObject({ apiKey: 'a' });
  const { print } = parseCommand(['--help'], {}) as { print: string };
  for (const option of [
    'port',
    'host',
    'data',
    'api-key',
    'model',
    'interpreter',
    'grace',
    'version',
    'help',
  ]) {
    expect(print).toContain(`--${option}`);
  }
  expect(parseCommand(['--version'], {})).toEqual({ print: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

test.each([['0.0.0.0'], ['::'], ['192.168.1.2'], ['example.com'], ['127.evil.com']])(
  'listening on %s without a key is refused with one line',
  (host) => {
    expect(() => parseCommand(['--host', host], {})).toThrow(CommandError);
    expect(() => parseCommand(['--host', host], {})).toThrow(/^Listening on .* lets others in: [^\n]*$/);
  },
);

test.each([
  [['--port', 'x']],
  [['--port', '70000']],
  [['--port', '-1']],
  [['--colour']],
  [['serve']],
  [['--interpreter', 'docker']],
  [['--interpreter', 'constructor']],
  [['--grace', 'x']],
  [['--grace', '-1']],
])('%j is refused with one line', (args) => {
  expect(() => parseCommand(args, {})).toThrow(CommandError);
  expect(() => parseCommand(args, {})).toThrow(/^[^\n]+$/);
});

test('a run streams over HTTP, through the official SDK', async () => {
  const { url, modelName } = await start();
  expect(modelName).toContain('Offline');
  const { beta } = new OpenAI({ apiKey: 'none', baseURL: url });
  const assistant = await beta.assistants.create({ model: 'offline' });
  const stream = beta.threads.createAndRunStream({
    assistant_id: assistant.id,
    thread: { messages: [{ role: 'user', content: 'Hello' }] },
  });
  const run = await stream.finalRun();
  expect(run.status).toBe('completed');
  const replay = await fetch(`${url}/threads/${run.thread_id}/runs/${run.id}/stream`);
  expect(replay.headers.get('content-type')).toBe('text/event-stream');
  expect(await replay.text()).toMatch(/event: done\ndata: \[DONE\]\n\n$/);
});

test('without a key no web page gets in, neither by its own name nor by a name it made up for this machine', async () => {
  const log = vi.fn<EngineLog>();
  const { url } = await start({}, log);
  const ask = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request(`${url}/assistants`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  expect(await ask({})).toBe(200);
  expect(await ask({ origin: new URL(url).origin })).toBe(200);
  expect(await ask({ origin: 'https://evil.example' })).toBe(403);
  expect(await ask({ origin: 'null' })).toBe(403);
  const host = `evil.example:${new URL(url).port}`;
  expect(await ask({ host })).toBe(403);
  expect(await ask({ origin: `https://${'long'.repeat(100)}.example` })).toBe(403);
  const refused = log.mock.calls.filter(([level]) => level === 'warn');
  const own = new URL(url).host;
  expect(refused.map(([, , fields]) => fields)).toEqual([
    { method: 'GET', status: 403, host: own, origin: 'https://evil.example' },
    { method: 'GET', status: 403, host: own, origin: 'null' },
    { method: 'GET', status: 403, host, origin: undefined },
    { method: 'GET', status: 403, host: own, origin: expect.stringMatching(/^https:\/\/.{192}$/) },
  ]);
});

test('after a kill in the middle of a run the next process finds it failed and its thread free', async () => {
  const asked = Promise.withResolvers<void>();
  const models = createHttpServer(() => asked.resolve()).listen(0, '127.0.0.1');
  onTestFinished(() => {
    models.closeAllConnections();
    models.close();
  });
  await once(models, 'listening');
  const data = folder();
  const env = { OPENAI_BASE_URL: `http://127.0.0.1:${(models.address() as AddressInfo).port}/v1` };
  const first = await spawnCommand(data, env);
  const client = new OpenAI({ apiKey: 'none', baseURL: first.url });
  const assistant = await client.beta.assistants.create({ model: 'any' });
  const run = await client.beta.threads.createAndRun({
    assistant_id: assistant.id,
    thread: { messages: [{ role: 'user', content: 'Hi' }] },
  });
  await asked.promise;
  first.child.kill('SIGKILL');
  await once(first.child, 'exit');

  const second = await spawnCommand(data, env);
  const { threads } = new OpenAI({ apiKey: 'none', baseURL: second.url }).beta;
  expect(await threads.runs.retrieve(run.id, { thread_id: run.thread_id })).toMatchObject({
    status: 'failed',
    last_error: { code: 'server_error', message: 'The engine stopped during the run.' },
  });
  await threads.messages.create(run.thread_id, { role: 'user', content: 'Again' });
});

test('a taken port is named in one line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(start({ port })).rejects.toThrow(`Port ${port} is taken. Choose another with --port.`);
});

async function spawnCommand(data: string, env: Record<string, string> = {}, args: string[] = []) {
  const path = fileURLToPath(new URL('./command.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@use-assistant/source', path, '--port', '0', '--data', data, ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  await once(child.stdout, 'data');
  const lines = () =>
    errors
      .trim()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  /** What it said beside telling of requests. */
  const complaints = () => lines().filter(({ level }) => level !== 'info');
  return { child, url: /http\S+/.exec(output)![0], output: () => output, lines, complaints };
}

test('the process says one line when it is ready, and ends by itself when asked to', async () => {
  const { child, url, output, complaints } = await spawnCommand(folder());
  expect(output()).toMatch(/^The engine listens on http:\/\/127\.0\.0\.1:\d+\/v1 \(.*\)\.\n$/);
  expect((await fetch(url.replace('/v1', '/health'))).status).toBe(200);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect([code, complaints()]).toEqual([0, []]);
});

test('readers that disconnect are let go without a word in the log, and stop nothing', async () => {
  const models = createHttpServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => {
    models.closeAllConnections();
    models.close();
  });
  await once(models, 'listening');
  const env = { OPENAI_BASE_URL: `http://127.0.0.1:${(models.address() as AddressInfo).port}/v1` };
  const { url, child, complaints } = await spawnCommand(folder(), env, ['--grace', '0']);
  const { beta } = new OpenAI({ apiKey: 'none', baseURL: url });
  const assistant = await beta.assistants.create({ model: 'any' });
  const run = await beta.threads.createAndRun({ assistant_id: assistant.id, thread: {} });
  for (let reader = 0; reader < 20; reader++) {
    const leaving = new AbortController();
    const { body } = await fetch(`${url}/threads/${run.thread_id}/runs/${run.id}/stream`, {
      signal: leaving.signal,
    });
    await body!.getReader().read();
    leaving.abort();
  }
  const now = await beta.threads.runs.retrieve(run.id, { thread_id: run.thread_id });
  expect(now.status).toBe('in_progress');
  expect(complaints()).toEqual([]);
  // Without grace it ends at once, with a run under way; the run's end is the one thing it has to say.
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(complaints()).toEqual([expect.objectContaining({ message: expect.stringContaining('shut down') })]);
});

test('every request is one line of the log, without ids, bodies or keys', async () => {
  const { url, lines } = await spawnCommand(folder(), {}, ['--api-key', 'sk-secret']);
  const { beta } = new OpenAI({ apiKey: 'sk-secret', baseURL: url, maxRetries: 0 });
  const thread = await beta.threads.create({ messages: [{ role: 'user', content: 'private words' }] });
  const { request_id } = await beta.threads.retrieve(thread.id).withResponse();
  await fetch(`${url}/threads/${thread.id}`, { headers: { authorization: 'Bearer sk-wrong' } });
  await fetch(`${url}/nothing/private`, { headers: { authorization: 'Bearer sk-secret' } });
  await fetch(url.replace('/v1', '/health?private'));
  await vi.waitFor(() => expect(lines()).toHaveLength(5));
  const entry = { time: expect.any(String), level: 'info', message: 'request', ms: expect.any(Number) };
  const request = expect.stringMatching(/^req_/);
  expect(lines()).toEqual([
    { ...entry, method: 'POST', path: '/v1/threads', status: 200, request },
    { ...entry, method: 'GET', path: '/v1/threads/:thread', status: 200, request: request_id },
    { ...entry, method: 'GET', path: '/v1/threads/:thread', status: 401, request },
    { ...entry, method: 'GET', path: 'unknown', status: 404, request },
    { ...entry, method: 'GET', path: '/health', status: 200, request },
  ]);
});

test('asked to end, it lets runs finish that can, ends those that cannot, and leaves those that wait', async () => {
  const { port, next } = await startWords();
  const data = folder();
  const env = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` };
  const first = await spawnCommand(data, env, ['--grace', '2']);
  const client = new OpenAI({ apiKey: 'none', baseURL: first.url, maxRetries: 0 });
  const assistant = await client.beta.assistants.create({
    model: 'any',
    tools: [{ type: 'function', function: { name: 'weather' } }],
  });
  const start = async (content: string) => {
    const thread = { messages: [{ role: 'user' as const, content }] };
    const run = await client.beta.threads.createAndRun({ assistant_id: assistant.id, thread });
    const model = await next();
    return { model, retrieve: (by: OpenAI) => by.beta.threads.runs.retrieve(run.id, run) };
  };
  const waiting = await start('call');
  waiting.model.finish('call');
  await vi.waitFor(async () => expect((await waiting.retrieve(client)).status).toBe('requires_action'));
  const finishing = await start('finish');
  const endless = await start('never');

  first.child.kill('SIGTERM');
  // No new work is taken, in words that a client may try again after; what there is can still be asked for.
  await vi.waitFor(async () => {
    const refused = client.beta.threads.createAndRun({ assistant_id: assistant.id });
    await expect(refused).rejects.toMatchObject({
      status: 503,
      message: expect.stringContaining('shutting down'),
    });
  });
  finishing.model.finish('text');
  await vi.waitFor(async () => expect((await finishing.retrieve(client)).status).toBe('completed'));
  const [code] = await once(first.child, 'exit');
  expect(code).toBe(0);

  const second = await spawnCommand(data, env);
  const later = new OpenAI({ apiKey: 'none', baseURL: second.url });
  expect((await waiting.retrieve(later)).status).toBe('requires_action');
  expect(await endless.retrieve(later)).toMatchObject({
    status: 'failed',
    last_error: { code: 'server_error', message: 'The engine was shut down during the run.' },
  });
});

/** A chat-completions server whose answers end when the test says so. */
async function startWords() {
  const waiting: { finish(what: 'text' | 'call'): void }[] = [];
  const server = createHttpServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    const send = (delta: object, finish_reason: string | null) =>
      response.write(
        `data: ${JSON.stringify({ id: 'x', model: 'any', choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
      );
    waiting.push({
      finish(what) {
        const call = {
          index: 0,
          id: 'call',
          type: 'function',
          function: { name: 'weather', arguments: '{}' },
        };
        if (what === 'call') send({ role: 'assistant', tool_calls: [call] }, 'tool_calls');
        else send({ role: 'assistant', content: 'Done' }, 'stop');
        response.end('data: [DONE]\n\n');
      },
    });
  }).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const next = () =>
    vi.waitFor(() => {
      expect(waiting).not.toHaveLength(0);
      return waiting.shift()!;
    });
  return { port: (server.address() as AddressInfo).port, next };
}
