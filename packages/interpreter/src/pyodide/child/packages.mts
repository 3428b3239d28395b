import type { ParentMessage } from '../messages.ts';
import type { Files } from './files.mts';
import { send } from './parent.mts';
import type { FileSystem } from './pyodide.mts';

type Answer = Extract<ParentMessage, { type: 'package' | 'imported' }>;

/** Where archives lie until Python has unpacked them. */
const directory = '/tmp/packages';

interface Request {
  archives: { path: string; target: string }[];
  resolve: (answer: string) => void;
}

/** Asks the parent for the packages of a module: this process has no network and no disk. */
export class PackageRequests {
  readonly #fs: FileSystem;
  readonly #files: Files;
  readonly #waiting = new Map<number, Request>();
  #next = 0;

  constructor(fs: FileSystem, files: Files) {
    this.#fs = fs;
    this.#files = files;
  }

  /** Called by Python, which awaits the answer: JSON with the archives to unpack, or with the problem. */
  readonly ask = (module: unknown): Promise<string> => {
    const id = (this.#next += 1);
    return new Promise((resolve) => {
      this.#waiting.set(id, { archives: [], resolve });
      send({ type: 'import', id, module: String(module).slice(0, 200) });
    });
  };

  hear(answer: Answer): void {
    const request = this.#waiting.get(answer.id);
    if (request === undefined) return;
    const { archives, resolve } = request;
    if (answer.type === 'imported') {
      this.#waiting.delete(answer.id);
      resolve(JSON.stringify({ archives, problem: answer.problem ?? null }));
      return;
    }
    this.#files.makeRoom(answer.bytes.length);
    this.#fs.mkdirTree(directory);
    const path = `${directory}/${answer.fileName}`;
    this.#fs.writeFile(path, answer.bytes);
    archives.push({ path, target: answer.target });
  }
}
