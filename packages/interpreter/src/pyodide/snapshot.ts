import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { childDirectory } from './locate.ts';
import type { BootMessage } from './messages.ts';
import { privateDirectory } from './private-directory.ts';
import { SandboxProcess } from './sandbox-process.ts';

/**
 * The path of a memory snapshot for this boot, made on first use by a process that never runs user code.
 * Undefined when none can be had: then Python starts the slow way.
 */
export async function findSnapshot(
  boot: BootMessage,
  cacheDir: string | undefined,
): Promise<string | undefined> {
  try {
    const directory = privateDirectory(cacheDir);
    const path = join(directory, await snapshotName(boot));
    if (await isFile(path)) return path;
    const running = making.get(path) ?? makeSnapshot(boot, directory, path);
    making.set(path, running);
    return await running.finally(() => making.delete(path));
  } catch {
    return undefined;
  }
}

const making = new Map<string, Promise<string | undefined>>();

async function makeSnapshot(boot: BootMessage, directory: string, path: string): Promise<string | undefined> {
  const maker = new SandboxProcess(
    { ...boot, makeSnapshot: true },
    {
      memoryLimit: boot.limits.memoryBytes,
      outputLimit: boot.limits.outputBytes,
      fileSizeLimit: boot.limits.fileBytes,
      totalSizeLimit: boot.limits.totalBytes,
      fileCountLimit: boot.limits.files,
      packages: undefined,
    },
  );
  maker.hold();
  try {
    const bytes = await maker.booted;
    if (bytes === undefined) return undefined;
    const part = join(directory, `${randomUUID()}.part`);
    await writeFile(part, bytes, { mode: 0o600 });
    await rename(part, path);
    return path;
  } finally {
    maker.release();
    maker.kill();
  }
}

/** Forgets a snapshot from which Python did not start. */
export async function dropSnapshot(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Two boots that would start from the same memory have the same name for it. */
export async function snapshotName(boot: BootMessage): Promise<string> {
  const hash = createHash('sha256');
  const lock = await stat(join(boot.pyodideDirectory, 'pyodide.asm.wasm'));
  const manifest = await readFile(join(boot.pyodideDirectory, 'package.json'), 'utf8');
  const program = await Promise.all(
    (await readdir(childDirectory)).sort().map((name) => readFile(join(childDirectory, name), 'utf8')),
  );
  hash.update(JSON.stringify([process.version, process.arch, lock.size, manifest, program, boot.modules]));
  return `pyodide-${hash.digest('hex').slice(0, 20)}.snapshot`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    const { size, uid } = await stat(path);
    return size > 0 && (process.getuid === undefined || uid === process.getuid());
  } catch {
    return false;
  }
}
