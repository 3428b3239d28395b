import { spawn } from 'node:child_process';
import { delimiter } from 'node:path';
import { bin, root } from './paths.mjs';

/** The environment of every child: the bundled Node first, no telemetry. */
export function environment(extra = {}) {
  return {
    ...process.env,
    PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
    NEXT_TELEMETRY_DISABLED: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
    // npx asks the registry even for an exact version that it has; so a second start works on a train too.
    npm_config_prefer_offline: 'true',
    ...extra,
  };
}

/**
 * Starts a program and answers `{ child, exit }`; `exit` resolves to its exit code.
 * Signals to this process go on to the child, so that nothing outlives `npm run …`.
 */
export function start(command, args, { env, cwd = root, stdio = 'inherit' } = {}) {
  const child = spawn(command, args, { cwd, stdio, env: environment(env) });
  const forward = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, forward);
  const exit = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.off(name, forward);
      resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1));
    });
  });
  return { child, exit };
}

/** Runs a program to its end and answers its exit code. */
export function call(command, args, options) {
  return start(command, args, options).exit;
}

/** Runs a program quietly and answers `{ code, output }`, for when only a failure is worth reading. */
export async function callQuietly(command, args, options = {}) {
  const { child, exit } = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  return { code: await exit, output };
}
