import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const help = `A chat in the terminal, on the Assistants API.

  --thread <id>    go on with a thread; it is kept when you leave
  --keep           keep the new thread too, to go on with it later
  --engine <url>   an engine that runs already, with /v1   (default ENGINE_URL, else one in this process)
  --data <folder>  where the engine in this process keeps threads and files   (default .data of this example)
  --files <folder> where files of the assistant are saved   (default chat-files)
  --help           this text

Write q, or press Ctrl-C, to leave. OPENAI_API_KEY, or OPENAI_BASE_URL with ASSISTANT_MODEL, plugs in a real model.`;

/** What the person at the terminal asked for. */
export interface Options {
  thread: string | undefined;
  keep: boolean;
  engine: string | undefined;
  data: string;
  files: string;
  help: boolean;
}

export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: {
      thread: { type: 'string' },
      keep: { type: 'boolean', default: false },
      engine: { type: 'string' },
      data: { type: 'string' },
      files: { type: 'string', default: 'chat-files' },
      help: { type: 'boolean', default: false },
    },
  });
  // npm runs this in the example's folder, and says where the command was typed.
  const here = (path: string): string => resolve(env['INIT_CWD'] ?? '.', path);
  return {
    ...values,
    thread: values.thread || undefined,
    engine: values.engine || env['ENGINE_URL'] || undefined,
    data: values.data ? here(values.data) : '.data',
    files: here(values.files),
  };
}
