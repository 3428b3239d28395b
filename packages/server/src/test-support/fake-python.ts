import type { EngineOptions } from '@use-assistant/engine';

/** Of the engine's choices the one that runs Python in sessions. */
type CodeInterpreter = Extract<EngineOptions['codeInterpreter'], { session: unknown }>;
type Session = Awaited<ReturnType<CodeInterpreter['session']>>;

/** A code interpreter that runs a function of the test in place of Python. */
export function fakePython(
  run: (code: string, write: (text: string) => void, files: Map<string, Uint8Array>) => void | Promise<void>,
): CodeInterpreter {
  const sessions = new Map<string, Session>();
  return {
    name: 'fake',
    description: 'A Python for tests.',
    async session(id) {
      const session = sessions.get(id) ?? createSession(id, run);
      sessions.set(id, session);
      return session;
    },
    async close() {
      sessions.clear();
    },
  };
}

function createSession(id: string, run: Parameters<typeof fakePython>[0]): Session {
  const files = new Map<string, Uint8Array>();
  return {
    id,
    async run(code, options = {}) {
      const before = new Map(files);
      let logs = '';
      const write = (text: string): void => {
        logs += text;
        options.onStdout?.(text);
      };
      await run(code, write, files);
      const changed = Array.from(files, ([name, bytes]) => ({ name, size: bytes.length })).filter(
        ({ name }) => files.get(name) !== before.get(name),
      );
      return {
        outcome: 'completed',
        logs,
        value: undefined,
        traceback: undefined,
        notice: undefined,
        files: changed,
        images: changed.filter(({ name }) => /\.(?:png|svg)$/.test(name)),
        duration: 1,
      };
    },
    async writeFile(name, bytes) {
      files.set(name, bytes);
    },
    async readFile(name) {
      return files.get(name)!;
    },
    async listFiles() {
      return Array.from(files, ([name, bytes]) => ({ name, size: bytes.length }));
    },
    async close() {},
  };
}
