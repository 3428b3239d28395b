import { Stopped } from './spawn.mjs';

/** An error that is meant for the person at the terminal: one line, no stack. */
export class Failure extends Error {}

/** Runs `main` and turns what it throws into an exit code and, for a `Failure`, into one clear line. */
export async function run(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    if (error instanceof Stopped) return void (process.exitCode = error.exitCode);
    console.error(error instanceof Failure ? `✗ ${error.message}` : error);
    process.exitCode = 1;
  }
}
