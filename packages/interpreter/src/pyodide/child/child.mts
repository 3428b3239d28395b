/**
 * The program of the child process: one Pyodide, driven by messages of the parent.
 * It runs under Node's permission model and reads nothing but Pyodide's files and itself, so it imports no other
 * file of this package. Whatever happens here, the parent must not have to trust it.
 */
import { readFile } from 'node:fs/promises';
import { constants as fsConstants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { pathToFileURL } from 'node:url';
import { constants as zlibConstants } from 'node:zlib';
import type { BootMessage, ChildLimits, ChildMessage, ParentMessage } from '../messages.ts';

/** The parts of Pyodide and of Emscripten's file system that we touch; both are untyped or typed more loosely. */
interface FileNode {
  mode: number;
  usedBytes: number;
  contents: Uint8Array | Record<string, FileNode>;
}
type Write = (
  stream: { node: FileNode },
  buffer: unknown,
  offset: number,
  length: number,
  position: number,
  ...rest: unknown[]
) => number;
interface MemoryFiles {
  ops_table: {
    file: { stream: { write: Write } };
  };
  stream_ops: { write: Write };
  createNode(parent: FileNode | null, ...rest: unknown[]): FileNode;
  resizeFileStorage(node: FileNode, size: number): void;
}
interface FileSystem {
  filesystems: { MEMFS: MemoryFiles; NODEFS: { mount: unknown } };
  root: FileNode;
  streams: ({ flags: number } | undefined | null)[];
  ErrnoError: new (code: number) => Error;
  isFile(mode: number): boolean;
  isDir(mode: number): boolean;
  lookupPath(path: string): { node: FileNode };
  mkdirTree(path: string): void;
  chdir(path: string): void;
  writeFile(path: string, bytes: Uint8Array | string): void;
}
interface Pyodide {
  FS: FileSystem;
  pyimport(name: string): Record<string, PythonFunction>;
  setStdin(options: object): void;
  setStdout(options: object): void;
  setStderr(options: object): void;
  setInterruptBuffer(buffer: object): void;
  _api: { config: Record<string, unknown> };
  makeMemorySnapshot(): Uint8Array;
}
interface PythonFunction {
  (...values: unknown[]): unknown;
  callPromising(...values: unknown[]): Promise<unknown>;
}

const dataDirectory = '/mnt/data';
const noSpace = 51;
const fileTooBig = 22;

// Taken before Python exists, and out of its reach afterwards: it finds another `process` in its place.
const realProcess = process;
type Send = (message: ChildMessage, handle?: undefined, options?: undefined, sent?: () => void) => boolean;
const sendToParent = (process as unknown as { _send?: Send })._send?.bind(process);
const exitProcess = (process as unknown as { reallyExit(code: number): never }).reallyExit.bind(process);
const parentId = process.ppid;

function send(message: ChildMessage): void {
  sendToParent?.(message);
}

/** Sends and waits until the message has left this process. */
function sendAndWait(message: ChildMessage): Promise<void> {
  return new Promise((resolve) => {
    if (sendToParent === undefined) resolve();
    else sendToParent(message, undefined, undefined, () => resolve());
  });
}

/** The output of the current run: cut at the limit, sent in batches when there is much of it. */
class Output {
  readonly #limit: number;
  #run = 0;
  #sent = 0;
  #omitted = 0;
  #stream: 'stdout' | 'stderr' = 'stdout';
  #pending = '';
  #windowStart = 0;
  #windowCount = 0;
  #decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };

  constructor(limit: number) {
    this.#limit = limit;
  }

  begin(run: number): void {
    this.#run = run;
    this.#sent = 0;
    this.#omitted = 0;
    this.#pending = '';
    this.#decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
  }

  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): number {
    const room = this.#limit - this.#sent;
    const kept = bytes.length <= room ? bytes : bytes.subarray(0, Math.max(0, room));
    if (kept.length < bytes.length) {
      if (this.#omitted === 0) send({ type: 'cut', id: this.#run });
      this.#omitted += bytes.length - kept.length;
    }
    this.#sent += kept.length;
    if (kept.length === 0) return bytes.length;
    if (stream !== this.#stream) this.flush();
    this.#stream = stream;
    this.#pending += this.#decoders[stream].decode(kept, { stream: true });
    if (this.#pending.length >= 4096 || (this.#pending.endsWith('\n') && this.#mayFlush())) this.flush();
    return bytes.length;
  }

  /** A line leaves at once, unless lines come faster than anyone could read them. */
  #mayFlush(): boolean {
    const now = performance.now();
    if (now - this.#windowStart > 100) {
      this.#windowStart = now;
      this.#windowCount = 0;
    }
    this.#windowCount += 1;
    return this.#windowCount <= 20;
  }

  flush(): void {
    if (this.#pending === '') return;
    send({ type: 'output', id: this.#run, stream: this.#stream, text: this.#pending });
    this.#pending = '';
  }

  end(): number {
    this.flush();
    return this.#omitted;
  }
}

/** Watches the file system: how much it holds, and which files were written to. */
class Files {
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

/**
 * Python looks at `[0]` of this "interrupt buffer" every few thousand instructions, also in the busiest loop, while
 * no timer and no message of the event loop comes through. So here the child notices that its parent is gone, that
 * its time is long over, and that output waits. The parent's SIGKILL does not depend on it.
 */
class Watch {
  #output: Output;
  #deadline = Infinity;
  #next = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  begin(milliseconds: number): void {
    this.#deadline = performance.now() + milliseconds;
  }

  end(): void {
    this.#deadline = Infinity;
  }

  get 0(): number {
    const now = performance.now();
    if (now >= this.#next) {
      this.#next = now + 16;
      this.#output.flush();
      if (now > this.#deadline || realProcess.ppid !== parentId) exitProcess(1);
    }
    return 0;
  }

  set 0(_value: number) {
    // Python acknowledges a signal by writing zero.
  }
}

/**
 * Pyodide gets a `process` that can do nothing. It asks `process.binding` for a few numbers, which the permission model
 * would refuse; and it exits by noting an exit code and throwing, which would leave the run's caller waiting.
 */
function replaceProcess(): void {
  const constants = { fs: fsConstants, os: osConstants, crypto: {}, zlib: zlibConstants };
  const standIn = {
    version: process.version,
    versions: { node: process.versions.node },
    platform: process.platform,
    argv: [],
    env: {},
    stdin: { fd: 0 },
    stdout: { fd: 1 },
    stderr: { fd: 2 },
    getuid: () => 1000,
    umask: () => 0o022,
    binding: (name: string): unknown => (name === 'constants' ? constants : undefined),
    get exitCode(): undefined {
      return undefined;
    },
    set exitCode(_code: unknown) {
      if (hasBooted) exitProcess(1);
    },
  };
  Object.defineProperty(globalThis, 'process', { value: standIn, configurable: false, writable: false });
}

/**
 * Rewrites the maximum in the memory section of the WebAssembly module, so that the engine itself refuses to grow
 * beyond it and Python raises MemoryError. The number keeps its width: LEB128 may be padded.
 */
function limitMemory(module: Uint8Array, bytes: number): Uint8Array {
  const read = (start: number): [value: number, next: number] => {
    let value = 0;
    let position = start;
    for (let shift = 0; ; shift += 7) {
      const byte = module[position++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return [value, position];
    }
  };
  for (let position = 8; position < module.length;) {
    const [size, start] = read(position + 1);
    if (module[position] === 5) {
      const [, flags] = read(start);
      if ((module[flags] ?? 0) % 2 === 0) return module;
      const [minimum, maximumStart] = read(flags + 1);
      const [maximum, end] = read(maximumStart);
      let pages = Math.min(maximum, Math.max(minimum, Math.floor(bytes / 65_536)));
      const limited = module.slice();
      for (let index = maximumStart; index < end; index += 1) {
        limited[index] = (pages & 0x7f) | (index < end - 1 ? 0x80 : 0);
        pages >>>= 7;
      }
      return limited;
    }
    position = start + size;
  }
  return module;
}

/** Keeps the host's paths out of what Python can read: the configuration and the stacks of JavaScript errors. */
function hideHost(python: Pyodide, directory: string): void {
  const { config } = python._api;
  for (const [name, value] of Object.entries(config)) {
    if (typeof value === 'string' && value.includes(directory)) config[name] = '/';
  }
  // Also thirty megabytes that nobody needs any more.
  for (const name of ['_loadSnapshot', 'fsInit', 'createPyodideModule']) Reflect.deleteProperty(config, name);
  Error.stackTraceLimit = 0;
}

/** Takes from this realm what Python could use if it ever found a way out of its own. */
function disarm(): void {
  const names = [
    'send',
    '_send',
    'disconnect',
    '_disconnect',
    'kill',
    '_kill',
    'abort',
    'dlopen',
    'binding',
    '_linkedBinding',
    'getBuiltinModule',
    'execve',
    'mainModule',
    '_debugProcess',
    '_debugEnd',
    '_startProfilerIdleNotifier',
    '_rawDebug',
    'chdir',
    'umask',
    'setuid',
    'seteuid',
    'setgid',
    'setegid',
    'setgroups',
    'initgroups',
    'reallyExit',
    'loadEnvFile',
    'openStdin',
    'report',
    'stdin',
    'stdout',
    'stderr',
    '_getActiveHandles',
    '_getActiveRequests',
    'getActiveResourcesInfo',
  ];
  for (const name of names) {
    try {
      Object.defineProperty(realProcess, name, { value: undefined, configurable: false, writable: false });
    } catch {
      // Node keeps this one; it is one of several walls.
    }
  }
  for (const name of [
    'fetch',
    'WebSocket',
    'EventSource',
    'localStorage',
    'sessionStorage',
    'Worker',
    'require',
  ]) {
    Reflect.deleteProperty(globalThis, name);
  }
}

async function boot(message: BootMessage): Promise<(message: ParentMessage) => Promise<void>> {
  replaceProcess();
  // With a `require` in sight Pyodide does not look for `ws`, which lies outside of what may be read.
  Reflect.set(globalThis, 'require', () => ({}));
  const instantiate = WebAssembly.instantiate.bind(WebAssembly);
  Reflect.set(WebAssembly, 'instantiate', (source: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports) =>
    instantiate(limitMemory(source, message.limits.memoryBytes) as Uint8Array<ArrayBuffer>, imports),
  );
  const entry = pathToFileURL(`${message.pyodideDirectory}/pyodide.mjs`).href;
  const { loadPyodide } = (await import(entry)) as { loadPyodide(options: object): Promise<Pyodide> };
  const python = await loadPyodide({
    indexURL: message.pyodideDirectory,
    jsglobals: Object.create(null),
    env: { HOME: '/home/user', LANG: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1' },
    _sysExecutable: '/usr/bin/python3',
    fsInit: async (fs: FileSystem, { sitePackages }: { sitePackages: string }) => {
      for (const [name, source] of Object.entries(message.modules))
        fs.writeFile(`${sitePackages}/${name}`, source);
    },
    ...(message.makeSnapshot ? { _makeSnapshot: true } : {}),
    ...(message.snapshotPath === undefined ? {} : { _loadSnapshot: await readFile(message.snapshotPath) }),
  });
  Reflect.set(WebAssembly, 'instantiate', instantiate);
  const driver = python.pyimport('_cells');
  if (message.makeSnapshot) {
    driver.prepare?.();
    await sendAndWait({ type: 'booted', snapshot: python.makeMemorySnapshot() });
    return async () => {};
  }
  const files = new Files(python.FS, message.limits);
  const output = new Output(message.limits.outputBytes);
  const watch = new Watch(output);
  python.setStdin({ stdin: () => undefined });
  python.setStdout({ write: (bytes: Uint8Array) => output.write('stdout', bytes), isatty: false });
  python.setStderr({ write: (bytes: Uint8Array) => output.write('stderr', bytes), isatty: false });
  python.setInterruptBuffer(watch);
  python.FS.chdir(dataDirectory);
  driver.begin?.(dataDirectory);
  hideHost(python, message.pyodideDirectory);
  disarm();
  hasBooted = true;
  send({ type: 'booted', snapshot: undefined });
  return (next) => serve(next, python, driver, files, output, watch);
}

async function serve(
  message: ParentMessage,
  python: Pyodide,
  driver: Record<string, PythonFunction>,
  files: Files,
  output: Output,
  watch: Watch,
): Promise<void> {
  if (message.type === 'put') return files.put(message.name, message.bytes);
  if (message.type !== 'run') return;
  const { id } = message;
  output.begin(id);
  watch.begin(message.milliseconds);
  const answer = JSON.parse(String(await driver.run?.callPromising(message.code))) as {
    value: string | null;
    traceback: string | null;
  };
  if (files.hasOpenFiles()) driver.flush?.();
  watch.end();
  const omittedBytes = output.end();
  const { removed, refused } = await files.carryOut(id);
  try {
    driver.begin?.(dataDirectory);
  } catch {
    python.FS.chdir(dataDirectory);
  }
  const cut = (text: string | null): string | undefined => text?.slice(0, 500_000) ?? undefined;
  send({
    type: 'result',
    id,
    value: cut(answer.value),
    traceback: cut(answer.traceback),
    omittedBytes,
    removed,
    refused,
  });
}

let hasBooted = false;
let queue: Promise<void> = Promise.resolve();
let handle: ((message: ParentMessage) => Promise<void>) | undefined;

/** No error of this process is worth more than a new process. */
async function breakDown(error: unknown): Promise<never> {
  await sendAndWait({ type: 'broken', reason: String(error).slice(0, 2_000) });
  return exitProcess(1);
}

process.on('disconnect', () => exitProcess(0));
process.on('uncaughtException', breakDown);
process.on('unhandledRejection', (error) => {
  // Later on it is a task of the user's that failed with nobody waiting; Python has told of it already.
  if (!hasBooted) void breakDown(error);
});
process.on('message', (message: ParentMessage) => {
  queue = queue
    .then(async () => {
      if (message.type === 'boot') handle = await boot(message);
      else await handle?.(message);
    })
    .catch(breakDown);
});
