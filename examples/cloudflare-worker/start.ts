// Starts an engine and, before it, the worker under wrangler. --port N chooses the worker's port, 8787 if none.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { serve, type ServerType } from '@hono/node-server';
import { createEngine, sqlite } from '@use-assistant/engine';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '8787' }, data: { type: 'string', default: '.data' } },
});
const engine = createEngine({ storage: sqlite(values.data) });
await engine.ready();
const { server, port } = await new Promise<{ server: ServerType; port: number }>((resolve) => {
  const server = serve(
    { fetch: (request) => engine.fetch(request), hostname: '127.0.0.1', port: 0 },
    (info) => resolve({ server, port: info.port }),
  );
});

const worker = spawn(
  'wrangler',
  ['dev', '--ip', '127.0.0.1', '--port', values.port, '--var', `ENGINE_URL:http://127.0.0.1:${port}/v1`],
  { cwd: import.meta.dirname, stdio: 'inherit', env: { ...process.env, WRANGLER_SEND_METRICS: 'false' } },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => worker.kill(signal));
const [code] = (await once(worker, 'close')) as [number | null];
server.close();
await engine.close();
process.exit(code ?? 0);
