import type { ChildLimits } from '../messages.ts';
import { send } from './parent.mts';
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
  #fileBytes: number;
  #carriedEarly = 0;
  #written = new Set<FileNode>();
  #known = new Map<string, FileNode>();

  constructor(fs: FileSystem, limits: ChildLimits) {
    this.#fs = fs;
    this.#limits = limits;
    this.#fileBytes = limits.fileBytes;
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
    if (size > this.#fileBytes) throw new this.#fs.ErrnoError(fileTooBig);
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

  /** Makes room for a package beside what the limits give to code: its archive, and what it becomes unpacked. */
  makeRoom(archiveBytes: number): void {
    const room = archiveBytes * 8;
    this.#baseline.bytes += room;
    this.#baseline.nodes += 20_000;
    this.#fileBytes = Math.max(this.#fileBytes, room);
  }

  /** A file that the parent knows already. Nothing that the code has laid in its way is followed; it goes. */
  put(name: string, bytes: Uint8Array): void {
    const segments = name.split('/');
    this.#fs.mkdirTree(dataDirectory);
    for (let depth = 1; depth < segments.length; depth += 1) {
      const parent = `${dataDirectory}/${segments.slice(0, depth).join('/')}`;
      if (this.#isDirectory(parent)) continue;
      this.#remove(parent);
      this.#fs.mkdir(parent);
    }
    const path = `${dataDirectory}/${name}`;
    this.#remove(path);
    this.#fs.writeFile(path, bytes);
    const { node } = this.#fs.lookupPath(path);
    this.#written.delete(node);
    this.#known.set(name, node);
  }

  #isDirectory(path: string): boolean {
    const { object } = this.#fs.analyzePath(path, true);
    return object !== null && this.#fs.isDir(object.mode);
  }

  #remove(path: string): void {
    if (!this.#fs.analyzePath(path, true).exists) return;
    if (!this.#isDirectory(path)) return this.#fs.unlink(path);
    for (const name of this.#fs.readdir(path)) {
      if (name !== '.' && name !== '..') this.#remove(`${path}/${name}`);
    }
    this.#fs.rmdir(path);
  }

  hasOpenFiles(): boolean {
    return this.#fs.streams.some(isOpenForWriting);
  }

  /**
   * Sends what changed and is closed by now, in the middle of a run, so that it outlives a run that gets killed.
   * What is sent again and again has an end: the last word is the run's own.
   */
  carryOutEarly(run: number): void {
    if (this.#written.size === 0 || this.#carriedEarly > 2 * this.#limits.totalBytes) return;
    const open = new Set(this.#fs.streams.filter(isOpenForWriting).map((stream) => stream?.node));
    for (const [name, node] of this.#find()) {
      if (!this.#written.has(node) || open.has(node) || node.usedBytes > this.#limits.fileBytes) continue;
      this.#send(run, name, node);
      this.#carriedEarly += node.usedBytes;
      this.#known.set(name, node);
      this.#written.delete(node);
    }
  }

  /** Sends what changed since the last call, and says what is gone and what could not be sent. */
  carryOut(run: number): { removed: string[]; refused: { name: string; reason: string }[] } {
    const refused: { name: string; reason: string }[] = [];
    const found = this.#find((name) =>
      refused.push({ name: name.slice(0, 200), reason: 'it lies too deep' }),
    );
    let total = 0;
    for (const [name, node] of found) {
      total += node.usedBytes;
      if (this.#known.get(name) === node && !this.#written.has(node)) continue;
      if (node.usedBytes > this.#limits.fileBytes) refused.push({ name, reason: 'it is too large' });
      else if (total > this.#limits.totalBytes)
        refused.push({ name, reason: 'all files together are too large' });
      else this.#send(run, name, node);
    }
    const removed = [...this.#known.keys()].filter((name) => !found.has(name));
    this.#known = found;
    this.#written = new Set();
    this.#carriedEarly = 0;
    return { removed, refused };
  }

  #send(run: number, name: string, node: FileNode): void {
    // Emscripten keeps contents in whichever view the last write came with.
    const { buffer, byteOffset } = node.contents as Uint8Array;
    send({ type: 'file', id: run, name, bytes: new Uint8Array(buffer, byteOffset, node.usedBytes) });
  }

  /** The files under `/mnt/data`; folders that lie too deep are not looked into. */
  #find(tooDeep: (name: string) => void = () => {}): Map<string, FileNode> {
    const found = new Map<string, FileNode>();
    this.#fs.mkdirTree(dataDirectory);
    this.#list(this.#fs.lookupPath(dataDirectory).node, '', { found, tooDeep }, 0);
    return found;
  }

  #list(
    directory: FileNode,
    prefix: string,
    to: { found: Map<string, FileNode>; tooDeep: (name: string) => void },
    depth: number,
  ): void {
    for (const [name, node] of Object.entries(directory.contents as Record<string, FileNode>)) {
      if (this.#fs.isFile(node.mode)) to.found.set(prefix + name, node);
      else if (this.#fs.isDir(node.mode) && depth < 16) this.#list(node, `${prefix}${name}/`, to, depth + 1);
      else if (this.#fs.isDir(node.mode)) to.tooDeep(prefix + name);
    }
  }
}

function isOpenForWriting(stream: FileSystem['streams'][number], index: number): boolean {
  return index > 2 && stream !== undefined && stream !== null && (stream.flags & 3) !== 0;
}
