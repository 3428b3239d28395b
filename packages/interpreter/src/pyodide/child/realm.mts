import { constants as fsConstants } from 'node:fs';
import { constants as osConstants } from 'node:os';
import { constants as zlibConstants } from 'node:zlib';
import { realProcess } from './parent.mts';
import type { Pyodide } from './pyodide.mts';

/**
 * Pyodide gets a `process` that can do nothing. It asks `process.binding` for a few numbers, which the permission model
 * would refuse; and it exits by noting an exit code and throwing, which would leave the run's caller waiting.
 */
export function replaceProcess(exit: () => void): void {
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
      exit();
    },
  };
  Object.defineProperty(globalThis, 'process', { value: standIn, configurable: false, writable: false });
}

/**
 * Rewrites the maximum in the memory section of the WebAssembly module, so that the engine itself refuses to grow
 * beyond it and Python raises MemoryError. The number keeps its width: LEB128 may be padded.
 */
export function limitMemory(module: Uint8Array, bytes: number): Uint8Array {
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

/** Keeps the host's paths out of what Python can read: the settings and the stacks of JavaScript errors. */
export function hideHost(python: Pyodide, directory: string): void {
  const { config, packageManager } = python._api;
  for (const owner of [config, packageManager]) {
    for (const [name, value] of Object.entries(owner)) {
      if (typeof value === 'string' && value.includes(directory)) owner[name] = '/';
    }
  }
  // Also thirty megabytes that nobody needs any more.
  for (const name of ['_loadSnapshot', 'fsInit', 'createPyodideModule']) Reflect.deleteProperty(config, name);
  Error.stackTraceLimit = 0;
}

/** Takes from this realm what Python could use if it ever found a way out of its own. */
export function disarm(): void {
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
