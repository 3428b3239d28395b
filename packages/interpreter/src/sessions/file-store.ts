import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SandboxFile } from '../port.ts';

const dataDirectory = '/mnt/data/';
const prefix = 'use-assistant-';
const directories = new Set<string>();
let hasSwept = false;

/** Removes what processes that were killed by force have left behind; each directory names its process. */
function sweep(): void {
  hasSwept = true;
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined) continue;
    try {
      process.kill(Number(owner), 0);
    } catch (error) {
      // Only a process that is no more; one of another user answers EPERM.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') continue;
      try {
        rmSync(join(tmpdir(), name), { recursive: true, force: true });
      } catch {
        // Another user's; it is theirs to remove.
      }
    }
  }
}

function removeAll(): void {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
}

/** What a session may store. */
export interface FileLimits {
  fileBytes: number;
  totalBytes: number;
  files: number;
}

interface StoredFile {
  path: string;
  size: number;
}

/**
 * The name of a file below `/mnt/data`, or undefined when it is none: a path that leaves the directory, or a name that
 * some file system, person or JavaScript could misread.
 */
export function normaliseName(name: string): string | undefined {
  const relative = name.startsWith(dataDirectory) ? name.slice(dataDirectory.length) : name;
  if (relative.startsWith('/') || relative.length > 1_000 || !relative.isWellFormed()) return undefined;
  const segments = relative.split('/').filter((segment) => segment !== '' && segment !== '.');
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  const isMisread = (segment: string): boolean => /[\u0000-\u001f\u007f\\]|^(\.\.|__proto__)$/.test(segment);
  const isSound = (segment: string): boolean => Buffer.byteLength(segment) <= 255 && !isMisread(segment);
  return segments.length > 0 && segments.every(isSound) ? segments.join('/') : undefined;
}

/**
 * The authoritative files of one session, in a private directory of this process. On disk they have numbers for names,
 * so no name that Python chose ever becomes a path of the host.
 */
export class FileStore {
  readonly #limits: FileLimits;
  readonly #files = new Map<string, StoredFile>();
  #directory: string | undefined;
  #next = 0;
  #total = 0;
  #isClosed = false;

  constructor(limits: FileLimits) {
    this.#limits = limits;
  }

  /** Stores a file under a normalised name; answers with a sentence instead when a limit forbids it. */
  async write(name: string, bytes: Uint8Array): Promise<string | undefined> {
    const before = this.#files.get(name);
    if (bytes.length > this.#limits.fileBytes) {
      return `${name} has ${bytes.length} bytes; a file may have ${this.#limits.fileBytes}.`;
    }
    if (this.#total - (before?.size ?? 0) + bytes.length > this.#limits.totalBytes) {
      return `${name} does not fit: all files together may have ${this.#limits.totalBytes} bytes.`;
    }
    if (before === undefined && this.#files.size >= this.#limits.files) {
      return `${name} does not fit: there may be ${this.#limits.files} files.`;
    }
    const path = join(this.#open(), String((this.#next += 1)));
    // Counted before the first wait, so that two writes at once cannot both take the last room.
    this.#files.set(name, { path, size: bytes.length });
    this.#total += bytes.length - (before?.size ?? 0);
    try {
      await writeFile(`${path}.part`, bytes, { mode: 0o600 });
      await rename(`${path}.part`, path);
    } catch (error) {
      // The disk of the host is full, say: what was there before is there still.
      await rm(`${path}.part`, { force: true });
      this.#takeBack(name, path, before, bytes.length);
      throw error;
    }
    if (before !== undefined) await rm(before.path, { force: true });
    return undefined;
  }

  #takeBack(name: string, path: string, before: StoredFile | undefined, size: number): void {
    if (this.#files.get(name)?.path !== path) return;
    if (before === undefined) this.#files.delete(name);
    else this.#files.set(name, before);
    this.#total += (before?.size ?? 0) - size;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const file = this.#files.get(name);
    if (file === undefined) return undefined;
    const bytes = await readFile(file.path);
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  async remove(name: string): Promise<void> {
    const file = this.#files.get(name);
    if (file === undefined) return;
    this.#files.delete(name);
    this.#total -= file.size;
    await rm(file.path, { force: true });
  }

  list(): SandboxFile[] {
    return [...this.#files]
      .map(([name, { size }]) => ({ name, size }))
      .sort((left, right) => (left.name < right.name ? -1 : 1));
  }

  #open(): string {
    if (this.#isClosed) throw new Error('The session is closed.');
    if (this.#directory === undefined) {
      if (!hasSwept) sweep();
      this.#directory = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
      if (directories.size === 0) process.on('exit', removeAll);
      directories.add(this.#directory);
    }
    return this.#directory;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#files.clear();
    this.#total = 0;
    if (this.#directory === undefined) return;
    await rm(this.#directory, { recursive: true, force: true });
    directories.delete(this.#directory);
    if (directories.size === 0) process.off('exit', removeAll);
    this.#directory = undefined;
  }
}
