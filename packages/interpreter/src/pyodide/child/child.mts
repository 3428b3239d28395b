/**
 * The program of the child process: one Pyodide, driven by messages of the parent.
 * It runs under Node's permission model and reads nothing but Pyodide's files and this directory, so it imports types
 * only from outside. Whatever happens here, the parent must not have to trust it.
 */
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type { BootMessage, ParentMessage } from '../messages.ts';
import { dataDirectory, Files } from './files.mts';
import { Output, Watch } from './output.mts';
import { PackageRequests } from './packages.mts';
import { exitProcess, hear, send } from './parent.mts';
import type { FileSystem, Pyodide, PythonFunction } from './pyodide.mts';
import { disarm, hideHost, limitMemory, replaceProcess } from './realm.mts';

async function boot(message: BootMessage): Promise<(message: ParentMessage) => Promise<void>> {
  replaceProcess(() => {
    // Emscripten also notes an exit code when its start-up is done.
    if (hasBooted) exitProcess(1);
  });
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
    env: {
      HOME: '/home/user',
      LANG: 'C.UTF-8',
      LD_LIBRARY_PATH: '/usr/lib',
      MPLBACKEND: 'module://_figures',
      PYTHONDONTWRITEBYTECODE: '1',
    },
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
    send({ type: 'booted', bytes: python.makeMemorySnapshot() });
    return async () => {};
  }
  const files = new Files(python.FS, message.limits);
  const output = new Output(message.limits.outputBytes);
  const watch = new Watch(output, files);
  python.setStdin({ stdin: () => undefined });
  python.setStdout({ write: (bytes: Uint8Array) => output.write('stdout', bytes), isatty: false });
  python.setStderr({ write: (bytes: Uint8Array) => output.write('stderr', bytes), isatty: false });
  python.setInterruptBuffer(watch);
  python.FS.chdir(dataDirectory);
  driver.begin?.(dataDirectory);
  if (message.hasPackages) {
    packages = new PackageRequests(python.FS, files);
    driver.offer_packages?.(packages.ask);
  }
  hideHost(python, message.pyodideDirectory);
  disarm();
  hasBooted = true;
  send({ type: 'booted' });
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
  watch.begin(id, message.milliseconds);
  send({ type: 'began', id });
  const answer = JSON.parse(String(await driver.run?.callPromising(message.code))) as {
    value: string | null;
    traceback: string | null;
  };
  if (files.hasOpenFiles()) driver.flush_files?.();
  watch.end();
  const omittedBytes = output.end();
  const { removed, refused } = files.carryOut(id);
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
let packages: PackageRequests | undefined;
let queue: Promise<void> = Promise.resolve();
let handle: ((message: ParentMessage) => Promise<void>) | undefined;

/** No error of this process is worth more than a new process. */
function breakDown(error: unknown): never {
  send({ type: 'broken', reason: String(error).slice(0, 2_000) });
  return exitProcess(1);
}

process.on('uncaughtException', breakDown);
process.on('unhandledRejection', (error) => {
  // Later on it is a task of the user's that failed with nobody waiting; Python has told of it already.
  if (!hasBooted) breakDown(error);
});
hear((message) => {
  // These answer a run that holds the queue.
  if (message.type === 'package' || message.type === 'imported') return packages?.hear(message);
  queue = queue
    .then(async () => {
      if (message.type === 'boot') handle = await boot(message);
      else await handle?.(message);
    })
    .catch(breakDown);
});
