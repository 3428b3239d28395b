import { input } from '@inquirer/prompts';
import { knownProblem, problemOf } from 'example-assistants';
import { APIConnectionError, AuthenticationError, NotFoundError } from 'openai';
import { createAssistant } from './assistant.ts';
import { connect } from './connect.ts';
import { help, readOptions, type Options } from './options.ts';
import { runTurn } from './run-turn.ts';
import { Screen } from './screen.ts';
import { openThread } from './thread.ts';

/** Thrown when the person wants to leave, by Ctrl-C, by Ctrl-D or by closing the terminal. */
const leave = new Error('Left');

async function chat(options: Options, signal: AbortSignal): Promise<void> {
  const screen = new Screen();
  const { openai, close } = connect(options);
  let assistantId: string | undefined;
  let thread: { id: string; isNew: boolean } | undefined;
  try {
    assistantId = await createAssistant(openai);
    thread = await openThread(openai, options.thread, screen);
    signal.throwIfAborted();
    screen.line('Ask anything; q leaves.', 'dim');
    for (;;) {
      const question = (await input({ message: '>' }, { signal })).trim();
      if (question === 'q') break;
      if (question === '') continue;
      const turn = { openai, threadId: thread.id, assistantId, screen, signal, files: options.files };
      try {
        const problem = problemOf(await runTurn(question, turn));
        if (problem) screen.line(problem.message, 'red');
      } catch (error) {
        // What goes wrong with one question ends no conversation.
        signal.throwIfAborted();
        screen.line(explain(error, options), 'red');
      }
      screen.end();
    }
  } finally {
    screen.end();
    const isKept = options.keep || thread?.isNew === false;
    const left = await Promise.allSettled([
      assistantId && openai.beta.assistants.delete(assistantId),
      thread && !isKept && openai.beta.threads.delete(thread.id),
    ]);
    await close();
    if (left.some(({ status }) => status === 'rejected')) {
      screen.line('Not everything could be deleted: the engine does not answer any more.', 'red');
    }
    if (thread && isKept) screen.line(`The thread is kept. Go on with: --thread ${thread.id}`, 'dim');
  }
}

function explain(error: unknown, options: Options): string {
  const where = options.engine ?? 'the engine in this process';
  if (error instanceof APIConnectionError) {
    return `No engine answers at ${where}. Start one with: npm run engine, or leave --engine out to have one here.`;
  }
  if (error instanceof AuthenticationError) return `${where} wants another key. Set ENGINE_API_KEY.`;
  if (error instanceof NotFoundError && options.thread) {
    return `There is no thread ${options.thread} at ${where}. Leave --thread out to begin a new one.`;
  }
  return knownProblem(error)?.message ?? (error instanceof Error ? error.message : String(error));
}

const controller = new AbortController();
let leftAt = Infinity;
process.on('SIGINT', () => {
  // The first Ctrl-C cancels what runs and cleans up; a later one does not wait. npm and the terminal both send the first.
  if (performance.now() - leftAt > 1000) process.exit(130);
  leftAt = Math.min(leftAt, performance.now());
  controller.abort(leave);
});
process.on('SIGTERM', () => controller.abort(leave));
// The terminal was closed: nothing can be shown any more, and everything is still to be deleted.
process.on('SIGHUP', () => controller.abort(leave));
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort(leave));
// Nothing is left to wait for but a line that cannot come: Ctrl-D, or the end of what was piped in.
process.once('beforeExit', () => controller.abort(leave));

let options: Options;
try {
  options = readOptions(process.argv.slice(2), process.env);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${help}`);
  process.exit(2);
}
if (options.help) {
  console.log(help);
} else {
  try {
    await chat(options, controller.signal);
  } catch (error) {
    const isLeft = controller.signal.aborted || (error as Error).name === 'ExitPromptError';
    if (!isLeft) console.error(explain(error, options));
    process.exitCode = isLeft ? 130 : 1;
  }
}
