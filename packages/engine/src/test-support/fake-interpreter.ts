import type {
  CodeInterpreter,
  CodeInterpreterSession,
  CodeRunResult,
  SandboxFile,
} from '@use-assistant/interpreter';

/** What one run of code does in a fake session. */
export type FakeRun = (
  code: string,
  session: { files: Map<string, Uint8Array>; write: (text: string) => void; signal: AbortSignal | undefined },
) => Partial<CodeRunResult> | Promise<Partial<CodeRunResult>>;

/** A code interpreter that runs a function of the test in place of Python. */
export function fakeInterpreter(run: FakeRun): CodeInterpreter & { runs: string[]; opened: string[] } {
  const sessions = new Map<string, CodeInterpreterSession>();
  const runs: string[] = [];
  const opened: string[] = [];
  return {
    name: 'fake',
    description: 'A Python for tests.',
    runs,
    opened,
    async session(id) {
      const known = sessions.get(id);
      if (known) return known;
      opened.push(id);
      const session = createSession(id, run, runs, () => sessions.delete(id));
      sessions.set(id, session);
      return session;
    },
    async close() {
      sessions.clear();
    },
  };
}

function createSession(
  id: string,
  run: FakeRun,
  runs: string[],
  onClose: () => void,
): CodeInterpreterSession {
  const files = new Map<string, Uint8Array>();
  const list = (): SandboxFile[] => Array.from(files, ([name, bytes]) => ({ name, size: bytes.length }));
  return {
    id,
    async run(code, options = {}) {
      runs.push(code);
      const before = new Map(files);
      let logs = '';
      const write = (text: string) => {
        logs += text;
        options.onStdout?.(text);
      };
      const result = await run(code, { files, write, signal: options.signal });
      const changed = list().filter(({ name }) => files.get(name) !== before.get(name));
      return {
        outcome: 'completed',
        logs,
        value: undefined,
        traceback: undefined,
        notice: undefined,
        files: changed,
        images: changed.filter(({ name }) => /\.(?:png|svg)$/.test(name)),
        duration: 1,
        ...result,
      };
    },
    async writeFile(name, bytes) {
      files.set(name, bytes);
    },
    async readFile(name) {
      return files.get(name)!;
    },
    async listFiles() {
      return list();
    },
    async close() {
      onClose();
    },
  };
}
