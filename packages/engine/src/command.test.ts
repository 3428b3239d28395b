import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import OpenAI from 'openai';
import { expect, onTestFinished, test } from 'vitest';
import { CommandError, parseCommand, startCommand } from './command.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'engine-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function start(settings: Partial<Parameters<typeof startCommand>[0]> = {}) {
  const command = await startCommand(
    { port: 0, host: '127.0.0.1', data: folder(), apiKey: undefined, model: undefined, ...settings },
    {},
    () => {},
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
  });
  expect(
    parseCommand(['--port', '0', '--host', '0.0.0.0', '--data', 'd', '--model', 'm'], {
      ENGINE_API_KEY: 'k',
    }),
  ).toEqual({ port: 0, host: '0.0.0.0', data: 'd', apiKey: 'k', model: 'm' });
  expect(parseCommand(['--api-key', 'a'], { ENGINE_API_KEY: 'k' })?.apiKey).toBe('a');
  expect(parseCommand(['--help'], {})).toBeUndefined();
});

test.each([['0.0.0.0'], ['::'], ['192.168.1.2'], ['example.com'], ['127.evil.com']])(
  'listening on %s without a key is refused with one line',
  (host) => {
    expect(() => parseCommand(['--host', host], {})).toThrow(CommandError);
    expect(() => parseCommand(['--host', host], {})).toThrow(/^Listening on .* lets others in: [^\n]*$/);
  },
);

test.each([[['--port', 'x']], [['--port', '70000']], [['--port', '-1']], [['--colour']], [['serve']]])(
  '%j is refused with one line',
  (args) => {
    expect(() => parseCommand(args, {})).toThrow(CommandError);
    expect(() => parseCommand(args, {})).toThrow(/^[^\n]+$/);
  },
);

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

test('a taken port is named in one line', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(start({ port })).rejects.toThrow(`Port ${port} is taken. Choose another with --port.`);
});

test('the process says one line when it is ready, and ends by itself when asked to', async () => {
  const path = fileURLToPath(new URL('./command.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    ['--conditions=@use-assistant/source', path, '--port', '0', '--data', folder()],
    { env: {}, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  await once(child.stdout, 'data');
  expect(output).toMatch(/^The engine listens on http:\/\/127\.0\.0\.1:\d+\/v1 \(.*\)\.\n$/);
  const base = /http\S+/.exec(output)![0];
  expect((await fetch(base.replace('/v1', '/health'))).status).toBe(200);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect([code, errors]).toEqual([0, '']);
});
