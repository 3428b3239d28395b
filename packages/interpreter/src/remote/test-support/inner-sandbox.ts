import type { CodeInterpreter } from '../../port.ts';
import { SandboxGone } from '../remote-sandbox.ts';
import type { ConnectRemote, RemoteFile } from '../remote-sandbox.ts';

/** A hosting service whose sandboxes are sessions of another driver: each is new, and loses everything with its end. */
export function innerSandboxes(service: CodeInterpreter): ConnectRemote {
  let count = 0;
  return async () => {
    const session = await service.session(`sandbox-${(count += 1)}`);
    const versions = new Map<string, number>();
    // It stands when it is handed out.
    await session.run('None');
    let isGone = false;
    const touch = (name: string): void => void versions.set(name, (versions.get(name) ?? 0) + 1);
    return {
      async run(code, { onStdout, onStderr }) {
        if (isGone) throw new SandboxGone('The sandbox was closed.');
        let heard = 0;
        const pass = (listener: (text: string) => void) => (text: string) => {
          heard += text.length;
          listener(text);
        };
        const result = await session.run(code, { onStdout: pass(onStdout), onStderr: pass(onStderr) });
        const { outcome, value, traceback, files, notice, logs } = result;
        // The notes of the inner driver stand at the end.
        if (logs.length > heard) onStdout(logs.slice(heard));
        for (const { name } of files) touch(name);
        if (outcome === 'limited' || outcome === 'cancelled') throw new Error(notice);
        return { value, traceback, images: [] };
      },
      async writeFile(name, bytes) {
        await session.writeFile(name, bytes);
        touch(name);
      },
      readFile: (name) => session.readFile(name),
      async listFiles(): Promise<RemoteFile[]> {
        const files = await session.listFiles();
        return files.map(({ name, size }) => ({ name, size, version: String(versions.get(name)) }));
      },
      kill: () => {
        isGone = true;
        return session.close();
      },
    };
  };
}
