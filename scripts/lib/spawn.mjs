import { spawn } from 'node:child_process';
import { constants } from 'node:os';
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

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const exitCodeOf = (signal) => 128 + constants.signals[signal];

/** Thrown when the person at the terminal ended one of several steps: nothing went wrong, and nothing may follow. */
export class Stopped extends Error {
  constructor(signal) {
    super(`Stopped by ${signal}`);
    this.exitCode = exitCodeOf(signal);
  }
}

/**
 * Starts a program and answers `{ child, exit, stoppedBy }`: `exit` resolves to its exit code, `stoppedBy()` names the
 * signal that was sent to end it. Signals to this process go on to the child, so that nothing outlives `npm run …`.
 */
export function start(command, args, { env, cwd = root, stdio = 'inherit' } = {}) {
  const child = spawn(command, args, { cwd, stdio, env: environment(env) });
  let stoppedBy;
  const forward = (signal) => {
    stoppedBy = signal;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  const exit = new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(code ?? exitCodeOf(signal));
    });
  });
  return { child, exit, stoppedBy: () => stoppedBy };
}

/** Runs a program as one of several steps and answers its exit code. */
export async function call(command, args, options) {
  const { exit, stoppedBy } = start(command, args, options);
  const code = await exit;
  if (stoppedBy()) throw new Stopped(stoppedBy());
  return code;
}

/** Runs a step quietly and answers `{ code, output }`, for when only a failure is worth reading. */
export async function callQuietly(command, args, options = {}) {
  const { child, exit, stoppedBy } = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const code = await exit;
  if (stoppedBy()) throw new Stopped(stoppedBy());
  return { code, output };
}
