import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import type { BlobStore } from './port.ts';

/** Of files: only their user may read them. */
const mode = 0o600;

/** Keeps bytes as files of one folder. They appear whole or not at all: written aside, then renamed. */
export function blobFolder(directory: string): BlobStore {
  // Ids are ours, but a path made from text is checked all the same.
  const path = (id: string) => {
    if (!/^[\w-]{1,128}$/.test(id)) throw new TypeError('A blob id has only letters, digits, "-" and "_".');
    return join(directory, id);
  };
  return {
    async put(id, bytes) {
      const target = path(id);
      const part = `${target}.part`;
      await mkdir(directory, { recursive: true, mode: 0o700 });
      try {
        if (bytes instanceof Uint8Array) await writeFile(part, bytes, { mode });
        else {
          const source = Readable.fromWeb(bytes as NodeReadableStream<Uint8Array>);
          await pipeline(source, createWriteStream(part, { mode }));
        }
        const { size } = await stat(part);
        await rename(part, target);
        return size;
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
    },
    async read(id) {
      return new Uint8Array(await readFile(path(id)));
    },
    async stream(id, range) {
      // Opened here, so that a missing file rejects instead of breaking an answer that has begun.
      const handle = await open(path(id));
      return Readable.toWeb(
        handle.createReadStream(range && { start: range.first, end: range.last }),
      ) as ReadableStream<Uint8Array>;
    },
    async remove(id) {
      await rm(path(id), { force: true });
    },
  };
}

/** Removes what processes that were killed left half written; what has grown within the hour is left alone. */
export async function sweepBlobFolder(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names) {
    if (!name.endsWith('.part')) continue;
    const path = join(directory, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs < Date.now() - 3_600_000) await rm(path, { force: true });
  }
}

/** Keeps bytes in memory, for tests and throw-away engines. */
export function blobMemory(): BlobStore {
  const blobs = new Map<string, Uint8Array>();
  const get = (id: string) => {
    const bytes = blobs.get(id);
    if (!bytes) throw new Error(`There are no bytes for ${id}.`);
    return bytes;
  };
  return {
    async put(id, bytes) {
      const whole = bytes instanceof Uint8Array ? bytes.slice() : await new Response(bytes).bytes();
      blobs.set(id, whole);
      return whole.length;
    },
    read: async (id) => get(id),
    stream: async (id, { first, last } = { first: 0, last: Number.POSITIVE_INFINITY }) =>
      new Response(get(id).subarray(first, last + 1) as Uint8Array<ArrayBuffer>).body!,
    async remove(id) {
      blobs.delete(id);
    },
  };
}
