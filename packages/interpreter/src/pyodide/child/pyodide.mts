/** The parts of Pyodide and of Emscripten's file system that we touch; both are untyped or typed more loosely. */
export interface FileNode {
  mode: number;
  usedBytes: number;
  contents: Uint8Array | Record<string, FileNode>;
}
export type Write = (
  stream: { node: FileNode },
  buffer: unknown,
  offset: number,
  length: number,
  position: number,
  ...rest: unknown[]
) => number;
export interface MemoryFiles {
  ops_table: {
    file: { stream: { write: Write } };
  };
  stream_ops: { write: Write };
  createNode(parent: FileNode | null, ...rest: unknown[]): FileNode;
  resizeFileStorage(node: FileNode, size: number): void;
}
export interface FileSystem {
  filesystems: { MEMFS: MemoryFiles; NODEFS: { mount: unknown } };
  root: FileNode;
  streams: ({ flags: number; node?: FileNode } | undefined | null)[];
  ErrnoError: new (code: number) => Error;
  isFile(mode: number): boolean;
  isDir(mode: number): boolean;
  lookupPath(path: string): { node: FileNode };
  /** Follows no link at the end of the path when told so. */
  analyzePath(path: string, keepLastLink: boolean): { exists: boolean; object: FileNode | null };
  readdir(path: string): string[];
  mkdir(path: string): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  mkdirTree(path: string): void;
  chdir(path: string): void;
  writeFile(path: string, bytes: Uint8Array | string): void;
}
export interface Pyodide {
  FS: FileSystem;
  pyimport(name: string): Record<string, PythonFunction>;
  setStdin(options: object): void;
  setStdout(options: object): void;
  setStderr(options: object): void;
  setInterruptBuffer(buffer: object): void;
  _api: { config: Record<string, unknown>; packageManager: Record<string, unknown> };
  makeMemorySnapshot(): Uint8Array;
}
export interface PythonFunction {
  (...values: unknown[]): unknown;
  callPromising(...values: unknown[]): Promise<unknown>;
}
