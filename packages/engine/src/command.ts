#!/usr/bin/env node
import { readFileSync, realpathSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serve, type Http2Bindings, type HttpBindings } from '@hono/node-server';
import { auto, bubblewrap, none, pyodide, type CodeInterpreter } from '@use-assistant/interpreter';
import { CommandError } from './command-error.ts';
import { createHandler, type EngineHandler } from './engine-handler.ts';
import { ApiError } from './http/errors.ts';
import { sendEvents } from './http/send-events.ts';
import type { EngineLog } from './log.ts';
import { resolveModel } from './models/resolve-model.ts';
import { prefetchPackages } from './prefetch-command.ts';
import { sqlite } from './storage/sqlite.ts';

const help = `use-assistant-engine: the Assistants API v2 as a server

Usage: use-assistant-engine [options]
       use-assistant-engine prefetch [names…]   Python packages, see prefetch --help

  --port <number>    the port; 0 picks a free one          (default 4010)
  --host <address>   the address to listen on              (default 127.0.0.1)
  --data <folder>    where everything is kept              (default .data)
  --api-key <key>    what clients must send as their key   (default ENGINE_API_KEY)
  --model <id>       the model for every assistant         (default ASSISTANT_MODEL)
  --interpreter <n>  what runs Python: pyodide,            (default pyodide)
                     bubblewrap, none, or auto for the
                     strongest that works here
  --grace <seconds>  when stopped, how long active runs    (default 10)
                     have to finish; 0 ends them at once
  --version          the version
  --help             this text

Models: no variable set is the offline model; OPENAI_API_KEY is OpenAI; OPENAI_BASE_URL is any server that speaks
chat completions.`;

/** What the command was asked to do. */
export interface CommandSettings {
  port: number;
  host: string;
  data: string;
  apiKey: string | undefined;
  model: string | undefined;
  /** `pyodide`, `bubblewrap`, `none` or `auto`. */
  interpreter: string;
  /** Milliseconds that active runs have to finish once the command is to stop. */
  grace: number;
}

const interpreters: Record<string, (log?: EngineLog) => CodeInterpreter> = {
  pyodide: () => pyodide(),
  bubblewrap: () => bubblewrap(),
  none: () => none(),
  auto: (log) => auto({ log: (line) => log?.('info', line) }),
};

/** Reads the command line: what to do, or a text to print and no more. */
export function parseCommand(
  args: string[],
  env: Record<string, string | undefined>,
): CommandSettings | { print: string } {
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: '4010' },
        host: { type: 'string', default: '127.0.0.1' },
        data: { type: 'string', default: '.data' },
        'api-key': { type: 'string' },
        model: { type: 'string' },
        interpreter: { type: 'string', default: 'pyodide' },
        grace: { type: 'string', default: '10' },
        version: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    throw new CommandError(`${(error as Error).message.split(/\. |\n/)[0]!.replace(/\.$/, '')}. Try --help.`);
  }
  if (values.help) return { print: help };
  if (values.version) return { print: readVersion() };
  const port = Number(values.port);
  if (!/^\d+$/.test(values.port) || port > 65_535) {
    throw new CommandError(`--port must be a number from 0 to 65535, not "${values.port}".`);
  }
  const grace = Number(values.grace);
  if (!/^\d+(?:\.\d+)?$/.test(values.grace) || grace > 3600) {
    throw new CommandError(`--grace must be a number of seconds from 0 to 3600, not "${values.grace}".`);
  }
  const { interpreter, host, data, model } = values;
  if (!Object.hasOwn(interpreters, interpreter)) {
    const names = Object.keys(interpreters).join(', ');
    throw new CommandError(`--interpreter must be one of ${names}, not "${interpreter}".`);
  }
  const apiKey = values['api-key'] || env['ENGINE_API_KEY'] || undefined;
  if (apiKey === undefined && !isLoopback(host)) {
    throw new CommandError(
      `Listening on ${host} lets others in: set --api-key or ENGINE_API_KEY, or leave --host out.`,
    );
  }
  return { port, host, data, apiKey, model, interpreter, grace: grace * 1000 };
}

/** Of the package, which lies above the sources and above what is built of them. */
function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/** A server that listens. */
export interface RunningServer {
  /** With `/v1`. */
  url: string;
  /** Lets active runs finish within their grace, ends those that do not, and stops listening. */
  close(): Promise<void>;
}

/** What the command has started. */
export interface RunningCommand extends RunningServer {
  modelName: string;
}

/** Starts the engine as a server. */
export async function startCommand(
  settings: CommandSettings,
  env: Record<string, string | undefined>,
  log?: EngineLog,
): Promise<RunningCommand> {
  const models = resolveModel(
    settings.model === undefined ? env : { ...env, ASSISTANT_MODEL: settings.model },
  );
  const engine = createHandler({
    model: (modelId) => models.resolve(modelId),
    storage: sqlite(settings.data),
    codeInterpreter: interpreters[settings.interpreter]!(log),
    apiKey: settings.apiKey,
    log,
  });
  try {
    await engine.ready();
    return { ...(await serveEngine(engine, { ...settings, log })), modelName: models.name };
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/** Serves an engine over HTTP. */
export function serveEngine(
  engine: EngineHandler,
  options: Pick<CommandSettings, 'host' | 'port'> &
    Partial<Pick<CommandSettings, 'apiKey' | 'grace'>> & { log?: EngineLog | undefined },
): Promise<RunningServer> {
  const { host, port, apiKey, grace = 0, log } = options;
  return new Promise((resolve, reject) => {
    const isOpen = apiKey === undefined;
    const fetch = async (request: Request, { outgoing }: HttpBindings | Http2Bindings) =>
      isOpen && isFromElsewhere(request)
        ? refuseForeign(request, log)
        : sendEvents(await engine.fetch(request), outgoing as ServerResponse);
    const server = serve({ fetch, hostname: host, port }, (info: AddressInfo) => {
      const name = info.family === 'IPv6' ? `[${info.address}]` : info.address;
      resolve({
        url: `http://${name}:${info.port}/v1`,
        async close() {
          // Runs end first, and who reads or asks for them sees how; then nobody is waited for.
          await engine.close({ grace });
          const closed = new Promise<void>((done) => server.close(() => done()));
          if ('closeAllConnections' in server) server.closeAllConnections();
          await closed;
        },
      });
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new CommandError(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is taken. Choose another with --port.`
            : error.code === 'EACCES'
              ? `Port ${port} may not be used by this user. Choose another with --port.`
              : `The server cannot listen on ${host}:${port} (${error.code ?? error.message}).`,
        ),
      );
    });
  });
}

/**
 * Without a key the loopback address is all that keeps others out, and a web page in the user's browser can reach it: by
 * a request of its own (it has an `Origin`), or under a name that it had resolve to this machine (it is in `Host`).
 */
function isFromElsewhere(request: Request): boolean {
  const origin = request.headers.get('origin');
  const name = URL.parse(`http://${request.headers.get('host')}`)?.hostname.replaceAll(/[[\]]/g, '') ?? '';
  return !isLoopback(name) || (origin !== null && origin !== `http://${request.headers.get('host')}`);
}

function refuseForeign(request: Request, log: EngineLog | undefined): Response {
  const say = (name: string) => request.headers.get(name)?.slice(0, 200);
  log?.('warn', 'A request from elsewhere was refused.', {
    method: request.method,
    status: 403,
    host: say('host'),
    origin: say('origin'),
  });
  const message = 'Without an API key the engine answers only this machine, and no web page. Set --api-key.';
  return Response.json(new ApiError(403, message, { code: 'foreign_origin' }).toBody(), { status: 403 });
}

/** One line of JSON for each entry. */
const jsonLog: EngineLog = (level, message, fields) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`);
};

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  if (args[0] === 'prefetch') {
    await prefetchPackages(args.slice(1), (line) => process.stdout.write(`${line}\n`));
    return;
  }
  const settings = parseCommand(args, process.env);
  if ('print' in settings) {
    process.stdout.write(`${settings.print}\n`);
    return;
  }
  const running = await startCommand(settings, process.env, jsonLog);
  let isStopping = false;
  const stop = () => {
    // Asked twice, it does not wait any longer.
    if (isStopping) process.exit(1);
    isStopping = true;
    void running.close().then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // Last: whoever reads this may at once send a signal.
  process.stdout.write(`The engine listens on ${running.url} (${running.modelName}).\n`);
}

function isMain(): boolean {
  try {
    return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
  } catch {
    return false;
  }
}

if (isMain()) {
  main().catch((error: unknown) => {
    // Sentences for the operator; a stack would only hide them.
    process.stderr.write(`use-assistant-engine: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
}
