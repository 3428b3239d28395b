/** A file under `/mnt/data`, where sessions keep what they read and write. */
export interface SandboxFile {
  /** The path below `/mnt/data`, such as `trend.svg` or `out/clean.csv`. */
  name: string;
  /** Bytes. */
  size: number;
}

/** How one run of code ended. */
export type RunOutcome =
  /** It ran to its end. */
  | 'completed'
  /** Python raised; `traceback` says what. The session's variables live on. */
  | 'failed'
  /** A limit ended it; `notice` says which. Files live on, variables do not. */
  | 'limited'
  /** The signal ended it. Files live on, variables do not. */
  | 'cancelled';

/** What one run of code left behind. */
export interface CodeRunResult {
  outcome: RunOutcome;
  /** Standard output and error in the order they were written, cut at the output limit with a note. */
  logs: string;
  /** `repr` of the value of the last expression; undefined when there is none or it is None. */
  value: string | undefined;
  /** The Python traceback, without frames of the driver, when `outcome` is `failed`. */
  traceback: string | undefined;
  /** A sentence for the model, when a limit or the signal ended the run. */
  notice: string | undefined;
  /** The files that the run created or changed, images included, in name order. */
  files: SandboxFile[];
  /** Those of `files` that are images. */
  images: SandboxFile[];
  /** Milliseconds. */
  duration: number;
}

/** How to run code. */
export interface CodeRunOptions {
  /** Ends the run: the process is killed, files stay. */
  signal?: AbortSignal;
  /** Called with text as Python writes it. */
  onStdout?: (text: string) => void;
  onStderr?: (text: string) => void;
  /** Called every second while the code runs, with the milliseconds since it began: silent code is at work too. */
  onAlive?: (progress: { elapsed: number }) => void;
}

/** One Python with its variables and its files. Calls are served one after the other. */
export interface CodeInterpreterSession {
  readonly id: string;
  run(code: string, options?: CodeRunOptions): Promise<CodeRunResult>;
  /** Rejects with a `RangeError`, its message a sentence, when the session takes no such name or no more bytes. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
  readFile(name: string): Promise<Uint8Array>;
  listFiles(): Promise<SandboxFile[]>;
  /** Ends the process and forgets the files. */
  close(): Promise<void>;
}

/** A way to run Python. The engine keeps one for all threads and asks for a session per thread. */
export interface CodeInterpreter {
  /** `pyodide`, `bubblewrap`, … */
  readonly name: string;
  /** The session with this id; the same one as long as it is open. */
  session(id: string): Promise<CodeInterpreterSession>;
  /** What the model should know: which Python, which modules, how to draw. One or two sentences. */
  readonly description: string;
  /** Gets ready for the first session ahead of time, where that saves somebody a wait. */
  warm?(): Promise<void>;
  /** Ends every session. */
  close(): Promise<void>;
}
