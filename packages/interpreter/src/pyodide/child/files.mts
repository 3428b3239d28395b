import type { ChildLimits } from '../messages.ts';
import { sendAndWait } from './parent.mts';
import type { FileNode, FileSystem, MemoryFiles } from './pyodide.mts';

export const dataDirectory = '/mnt/data';
const noSpace = 51;
const fileTooBig = 22;

/** Watches the file system: how much it holds, and which files were written to. */
export class Files {
  readonly #fs: FileSystem;
  readonly #limits: ChildLimits;
  readonly #baseline: { bytes: number; nodes: number };
  #bytes = 0;
  #nodes = 0;
  #written = new Set<FileNode>();
  #known = new Map<string, FileNode>();

  constructor(fs: FileSystem, limits: ChildLimits) {
    this.#fs = fs;
    this.#limits = limits;
    fs.mkdirTree(dataDirectory);
    this.#recount();
    this.#baseline = { bytes: this.#bytes, nodes: this.#nodes };
    this.#watch(fs.filesystems.MEMFS);
    // A mount of the host's files would be held by the permission model, but nothing needs it.
    fs.filesystems.NODEFS.mount = () => {
      throw new fs.ErrnoError(63);
    };
  }

  #watch(memory: MemoryFiles): void {
    const { createNode, resizeFileStorage } = memory;
    const { write } = memory.stream_ops;
    memory.createNode = (parent, ...rest) => {
      this.#reserve(0, 1);
      return createNode(parent, ...rest);
    };
    memory.resizeFileStorage = (node, size) => {
      this.#grow(node, size);
      this.#written.add(node);
      resizeFileStorage(node, size);
    };
    const watchedWrite: typeof write = (stream, buffer, offset, length, position, ...rest) => {
      this.#grow(stream.node, position + length);
      this.#written.add(stream.node);
      return write.call(memory.stream_ops, stream, buffer, offset, length, position, ...rest);
    };
    memory.stream_ops.write = watchedWrite;
    memory.ops_table.file.stream.write = watchedWrite;
  }

  #grow(node: FileNode, size: number): void {
    if (size > this.#limits.fileBytes) throw new this.#fs.ErrnoError(fileTooBig);
    this.#reserve(Math.max(0, size - node.usedBytes), 0);
  }

  /** Takes from the budget. The counts only grow, so before refusing, count again what is really there. */
  #reserve(bytes: number, nodes: number): void {
    this.#bytes += bytes;
    this.#nodes += nodes;
    if (this.#isWithin()) return;
    this.#recount();
    this.#bytes += bytes;
    this.#nodes += nodes;
    if (this.#isWithin()) return;
    throw new this.#fs.ErrnoError(noSpace);
  }

  #isWithin(): boolean {
    return (
      this.#bytes - this.#baseline.bytes <= this.#limits.totalBytes + 32 * 2 ** 20 &&
      this.#nodes - this.#baseline.nodes <= this.#limits.files * 4
    );
  }

  #recount(): void {
    this.#bytes = 0;
    this.#nodes = 0;
    const visit = (node: FileNode): void => {
      this.#nodes += 1;
      if (this.#fs.isDir(node.mode))
        for (const child of Object.values(node.contents)) visit(child as FileNode);
      else if (this.#fs.isFile(node.mode)) this.#bytes += node.contents.length as number;
    };
    visit(this.#fs.root);
  }

  /** A file that the parent knows already. */
  put(name: string, bytes: Uint8Array): void {
    const path = `${dataDirectory}/${name}`;
    this.#fs.mkdirTree(path.slice(0, path.lastIndexOf('/')));
    this.#fs.writeFile(path, bytes);
    const { node } = this.#fs.lookupPath(path);
    this.#written.delete(node);
    this.#known.set(name, node);
  }

  hasOpenFiles(): boolean {
    return this.#fs.streams.some((stream, index) => index > 2 && stream && (stream.flags & 3) !== 0);
  }

  /** Sends what changed since the last call, and says what is gone and what could not be sent. */
  async carryOut(run: number): Promise<{ removed: string[]; refused: { name: string; reason: string }[] }> {
    this.#fs.mkdirTree(dataDirectory);
    const found = new Map<string, FileNode>();
    this.#list(this.#fs.lookupPath(dataDirectory).node, '', found, 0);
    const refused: { name: string; reason: string }[] = [];
    let total = 0;
    for (const [name, node] of found) {
      total += node.usedBytes;
      if (this.#known.get(name) === node && !this.#written.has(node)) continue;
      if (node.usedBytes > this.#limits.fileBytes) refused.push({ name, reason: 'it is too large' });
      else if (total > this.#limits.totalBytes)
        refused.push({ name, reason: 'all files together are too large' });
      else {
        // Emscripten keeps contents in whichever view the last write came with.
        const { buffer, byteOffset } = node.contents as Uint8Array;
        const bytes = new Uint8Array(buffer, byteOffset, node.usedBytes).slice();
        await sendAndWait({ type: 'file', id: run, name, bytes });
      }
    }
    const removed = [...this.#known.keys()].filter((name) => !found.has(name));
    this.#known = found;
    this.#written = new Set();
    return { removed, refused };
  }

  #list(directory: FileNode, prefix: string, found: Map<string, FileNode>, depth: number): void {
    if (depth > 16) return;
    for (const [name, node] of Object.entries(directory.contents as Record<string, FileNode>)) {
      if (this.#fs.isDir(node.mode)) this.#list(node, `${prefix}${name}/`, found, depth + 1);
      else if (this.#fs.isFile(node.mode)) found.set(prefix + name, node);
    }
  }
}
