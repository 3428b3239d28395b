/** A file under `/mnt/data` of a hosted sandbox. */
export interface RemoteFile {
  /** The path below `/mnt/data`. */
  name: string;
  /** Bytes. */
  size: number;
  /** Whatever changes when the file does, such as the time of its last change. */
  version: string;
}

/** How a run ended in a hosted sandbox. */
export interface RemoteRun {
  /** `repr` of the value of the last expression. */
  value: string | undefined;
  /** The traceback, when Python raised. */
  traceback: string | undefined;
  /** Pictures that the run displayed without saving them: matplotlib's figures, say. */
  images: { type: 'png' | 'jpeg' | 'svg'; bytes: Uint8Array }[];
}

/** What a sandbox rejects a run with when it is no more, and nothing of the code can have been carried out. */
export class SandboxGone extends Error {
  override name = 'SandboxGone';
}

/**
 * One hosted sandbox: a Python that keeps its variables, and files under `/mnt/data`. This is all that a service has to
 * offer; what sessions are, their limits and their files, is the driver's.
 */
export interface RemoteSandbox {
  /**
   * Runs code; rejects when the sandbox is no more, or cannot be reached. After a `SandboxGone` the driver runs the code
   * once more in another sandbox; after any other error never, since it may have begun. `timeout` in milliseconds.
   */
  run(
    code: string,
    options: { timeout: number; onStdout: (text: string) => void; onStderr: (text: string) => void },
  ): Promise<RemoteRun>;
  /** Writes a file under `/mnt/data`, and the folders on the way. */
  writeFile(name: string, bytes: Uint8Array): Promise<void>;
  readFile(name: string): Promise<Uint8Array>;
  listFiles(): Promise<RemoteFile[]>;
  /** Ends the sandbox, whatever it does. */
  kill(): Promise<void>;
}

/** Starts a sandbox in which nobody's code has run. The signal fires when nobody wants it any more. */
export type ConnectRemote = (options: {
  signal: AbortSignal;
  /** Milliseconds after which a sandbox that nobody has used may end itself: longer than any session keeps one. */
  lifetime: number;
}) => Promise<RemoteSandbox>;
