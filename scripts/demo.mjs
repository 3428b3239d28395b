// npm run demo: installs what is missing, builds what changed, starts the chat and prints its address.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './lib/build.mjs';
import { prepareDataFolder } from './lib/data-folder.mjs';
import { Failure, run } from './lib/fail.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { bin, root } from './lib/paths.mjs';
import { freePort, readPort } from './lib/port.mjs';
import { start } from './lib/spawn.mjs';

const help = `npm run demo -- [--port N] [--no-build]

  --port N      the port of the chat (default 3000; 0 picks a free one)
  --no-build    start the build that is there

  Threads and files are kept in .data, or in the folder that ASSISTANT_DATA names.
  OPENAI_API_KEY, OPENAI_BASE_URL and ASSISTANT_MODEL choose the model; without them it is the offline model.`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string', default: process.env.PORT ?? '3000' },
        'no-build': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    return values;
  } catch (error) {
    throw new Failure(`${error.message}\n\n${help}`);
  }
}

/** Resolves when Next answers; rejects when it ended first. */
async function untilReady(address, exit) {
  const ended = exit.then(() => {
    throw new Failure('The chat ended before it was ready. What it said stands above.');
  });
  for (;;) {
    const answered = fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(10_000) }).then(
      () => true,
      () => new Promise((done) => setTimeout(done, 50, false)),
    );
    if (await Promise.race([answered, ended])) return;
  }
}

await run(async () => {
  const options = readOptions();
  if (options.help) return console.log(help);
  // Refusals come before the long work.
  const port = await freePort(readPort(options.port));
  const data = resolve(root, process.env.ASSISTANT_DATA || '.data');
  prepareDataFolder(data);

  await ensureInstalled();
  if (!options['no-build']) await build('app');
  const app = join(root, 'app');
  if (!existsSync(join(app, '.next', 'BUILD_ID'))) {
    throw new Failure('There is no build of the chat yet. Make one: npm run demo (without --no-build)');
  }

  const next = join(app, 'node_modules', 'next', 'dist', 'bin', 'next');
  const { child, exit } = start(join(bin, 'node'), [next, 'start', '--port', String(port)], {
    cwd: app,
    env: { ASSISTANT_DATA: data },
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  // Next's own banner would print the address twice; what comes after it is the app's own output.
  const address = `http://localhost:${port}`;
  let ready = false;
  child.stdout.on('data', (chunk) => ready && process.stdout.write(chunk));
  await untilReady(address, exit);
  ready = true;
  console.log(`\n  use-assistant demo: ${address}\n  Stop with Ctrl-C.\n`);
  return exit;
});
