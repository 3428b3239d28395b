import { resolve } from 'node:path';
import { input } from '@inquirer/prompts';
import { problemOf } from 'example-assistants';
import { APIConnectionError, AuthenticationError, NotFoundError } from 'openai';
import { createAssistant } from './assistant.ts';
import { connect } from './connect.ts';
import { help, readOptions, type Options } from './options.ts';
import { runTurn } from './run-turn.ts';
import { saveFiles } from './save-files.ts';
import { Screen } from './screen.ts';
import { openThread } from './thread.ts';

/** Thrown when the person wants to leave, by Ctrl-C. */
const leave = new Error('Left by Ctrl-C');

async function chat(options: Options, signal: AbortSignal): Promise<void> {
  const screen = new Screen();
  const { openai, close } = connect(options);
  let assistantId: string | undefined;
  let thread: { id: string; isNew: boolean } | undefined;
  try {
    assistantId = await createAssistant(openai, signal);
    thread = await openThread(openai, options.thread, screen, signal);
    screen.line('Ask anything; q leaves.', 'dim');
    for (;;) {
      const question = (await input({ message: '>' }, { signal })).trim();
      if (question === 'q') break;
      if (question === '') continue;
      const run = await runTurn(question, {
        openai,
        threadId: thread.id,
        assistantId,
        screen,
        signal,
        async onMessage(message) {
          for (const { fileId, path, isImage } of await saveFiles(
            openai,
            message,
            resolve(options.files),
            signal,
          )) {
            screen.line(`${isImage ? 'image_file' : 'file'} ${fileId} saved as ${path}`, 'green');
          }
        },
      });
      screen.end();
      const problem = problemOf(run);
      if (problem) screen.line(problem.message, 'red');
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
  return error instanceof Error ? error.message : String(error);
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
