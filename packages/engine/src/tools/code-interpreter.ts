import type { CodeInterpreter, CodeInterpreterSession, CodeRunResult } from '@use-assistant/interpreter';
import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider';
import { createId } from '../ids.ts';
import type { BlobStore } from '../storage/port.ts';
import { findObject, insertFile, type Database } from '../storage/records.ts';
import { RunFailure } from '../runs/run-failure.ts';
import { nowSeconds, type FileObject } from '../wire.ts';

/** The name under which the model sees the tool. */
export const codeInterpreterName = 'code_interpreter';

/** A file that must lie under `/mnt/data` before code runs. */
export interface InputFile {
  id: string;
  name: string;
}

/** A file that code made, stored. */
export interface OutputFile {
  file: FileObject;
  sandboxName: string;
  isImage: boolean;
}

export interface CodeRun {
  result: CodeRunResult;
  files: OutputFile[];
}

/** How long a session that nobody uses keeps its variables and its copies of files: an hour, as it was at OpenAI. */
const idleTime = 60 * 60 * 1000;

/** The sessions of one interpreter, one for each thread, with files carried in and out. */
export class CodeSessions {
  readonly #interpreter: () => CodeInterpreter;
  readonly #blobs: BlobStore;
  #started: CodeInterpreter | undefined;
  readonly #sessions = new Map<string, CodeInterpreterSession>();
  /** Ends sessions that rest; the next run of the thread opens one anew and carries its files in again. */
  readonly #endings = new Map<string, NodeJS.Timeout>();
  /** Ids of the files that lie in a session already, by name. */
  readonly #carried = new WeakMap<CodeInterpreterSession, Map<string, string>>();

  constructor(interpreter: () => CodeInterpreter, blobs: BlobStore) {
    this.#interpreter = interpreter;
    this.#blobs = blobs;
  }

  /** What the model should know of the Python it gets. */
  get description(): string {
    return this.#start().description;
  }

  /** The tool as the model sees it. */
  tool(): LanguageModelV4FunctionTool {
    return {
      type: 'function',
      name: codeInterpreterName,
      description:
        'Runs Python and answers with its output and the files it made. Variables live on between calls.',
      inputSchema: {
        type: 'object',
        properties: { code: { type: 'string', description: 'The Python to run.' } },
        required: ['code'],
        additionalProperties: false,
      },
    };
  }

  /** Gets Python ready before any thread needs it. */
  async warm(): Promise<void> {
    await this.#start().warm?.();
  }

  /** Opens the thread's session ahead of need, while the model still writes its code. */
  prepare(threadId: string): void {
    // A failure is told by the run of the code.
    this.#open(threadId).catch(() => {});
    this.#rest(threadId);
  }

  /** Runs code in the thread's session and stores the files it made. */
  async run(
    origin: { threadId: string; runId: string },
    code: string,
    inputs: InputFile[],
    options: { signal: AbortSignal; onOutput: (text: string) => void; database: Database },
  ): Promise<CodeRun> {
    try {
      return await this.#run(origin, code, inputs, options);
    } finally {
      this.#rest(origin.threadId);
    }
  }

  async #run(...[origin, code, inputs, options]: Parameters<CodeSessions['run']>): Promise<CodeRun> {
    const { signal, onOutput, database } = options;
    const session = await this.#open(origin.threadId).catch(
      failing('The code interpreter could not be started.'),
    );
    const missing = await this.#carryIn(session, inputs, database).catch(
      failing('The files of the thread could not be brought into the code interpreter.'),
    );
    signal.throwIfAborted();
    if (missing !== '') onOutput(missing);
    const result = await session
      .run(code, { signal, onStdout: onOutput, onStderr: onOutput })
      .catch(failing('The code interpreter failed while it ran.'));
    signal.throwIfAborted();
    result.logs = missing + result.logs;
    const files = await this.#carryOut(session, result, origin, database).catch(
      failing('The files that Python made could not be stored.'),
    );
    return { result, files };
  }

  /** Stores what the code has made. */
  async #carryOut(
    session: CodeInterpreterSession,
    result: CodeRunResult,
    origin: { threadId: string; runId: string },
    database: Database,
  ): Promise<OutputFile[]> {
    const carried = this.#carried.get(session)!;
    const images = new Set(result.images.map((image) => image.name));
    const files: OutputFile[] = [];
    for (const { name } of result.files) {
      const bytes = await session.readFile(name);
      const file: FileObject = {
        id: createId('file'),
        object: 'file',
        bytes: bytes.length,
        created_at: nowSeconds(),
        filename: name.slice(name.lastIndexOf('/') + 1),
        purpose: 'assistants_output',
        status: 'processed',
      };
      await this.#blobs.put(file.id, bytes);
      await insertFile(database, file, { ...origin, sandboxName: name });
      carried.set(name, file.id);
      files.push({ file, sandboxName: name, isImage: images.has(name) });
    }
    return files;
  }

  /** Ends the thread's session, if there is one. */
  async closeSession(threadId: string): Promise<void> {
    this.#wake(threadId);
    const session = this.#sessions.get(threadId);
    this.#sessions.delete(threadId);
    await session?.close();
  }

  /** Ends every session. */
  async close(): Promise<void> {
    for (const threadId of this.#endings.keys()) this.#wake(threadId);
    this.#sessions.clear();
    await this.#started?.close();
  }

  #rest(threadId: string): void {
    this.#wake(threadId);
    // What cannot be closed is closed with the interpreter.
    const ending = setTimeout(() => void this.closeSession(threadId).catch(() => {}), idleTime);
    ending.unref();
    this.#endings.set(threadId, ending);
  }

  #wake(threadId: string): void {
    clearTimeout(this.#endings.get(threadId));
    this.#endings.delete(threadId);
  }

  async #open(threadId: string): Promise<CodeInterpreterSession> {
    this.#wake(threadId);
    const session = await this.#start().session(threadId);
    this.#sessions.set(threadId, session);
    return session;
  }

  #start(): CodeInterpreter {
    return (this.#started ??= this.#interpreter());
  }

  /** Puts the files where Python finds them; answers with a line for each that the session does not take. */
  async #carryIn(session: CodeInterpreterSession, inputs: InputFile[], database: Database): Promise<string> {
    let carried = this.#carried.get(session);
    if (!carried) this.#carried.set(session, (carried = new Map()));
    // Of several files with one name the last one counts.
    const wanted = new Map(inputs.map(({ name, id }) => [name, id]));
    let missing = '';
    for (const [name, id] of wanted) {
      if (carried.get(name) === id) continue;
      try {
        await session.writeFile(name, await this.#blobs.read(id));
      } catch (error) {
        const isRefused = error instanceof RangeError;
        // Deleted since the list was made; whoever did that does not want the run to fail for it.
        if (!isRefused && (await findObject(database, 'files', id))) throw error;
        missing += `[${name} is not in /mnt/data: ${isRefused ? error.message : 'it was deleted.'}]\n`;
      }
      carried.set(name, id);
    }
    return missing;
  }
}

/** Says what could not be done, for whoever reads the run's `last_error`; what went wrong is for the operator. */
function failing(message: string): (cause: unknown) => never {
  return (cause) => {
    throw new RunFailure('server_error', message, { cause });
  };
}

/** What the model is told about a run of its code. */
export function toModelResult({ result, files }: CodeRun): string {
  return toModelResultText(
    joinLines(result.logs, result.value),
    result.traceback ?? result.notice,
    files.map(({ sandboxName }) => sandboxName),
  );
}

/** The form in which models are told what code did. */
export function toModelResultText(output: string, error: string | undefined, sandboxNames: string[]): string {
  const files = sandboxNames.map((name) => `/mnt/data/${name}`);
  return JSON.stringify({ output, ...(error !== undefined && { error }), files });
}

/** What people are shown of a run of code: all that it printed, its value, and why it ended early. */
export function toLogs(result: CodeRunResult): string {
  return joinLines(result.logs, result.value, result.traceback, result.notice);
}

function joinLines(...texts: (string | undefined)[]): string {
  let joined = '';
  for (const text of texts) {
    if (!text) continue;
    joined += joined === '' || joined.endsWith('\n') ? text : `\n${text}`;
  }
  return joined;
}
