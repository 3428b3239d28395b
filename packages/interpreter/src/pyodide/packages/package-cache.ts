import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LockedPackage } from './lock.ts';

/** Where packages come from and where they are kept. */
export interface PackageCacheSettings {
  /** A folder of this process's user. */
  directory: string;
  /** An address that ends in a slash, or a folder. */
  source: string;
  /** Whether `source` is ours to choose, so that packages with an address of their own are fetched there. */
  isDefaultSource: boolean;
  /** Milliseconds without a byte after which a download is given up. */
  timeout: number;
  /** Bytes of one file. */
  fileSizeLimit: number;
}

// Bundlers that look for the files of a program must not take what lies in the cache, or might, for some of them: hence
// the comments at each path.

/** Why a package is not there; the message is half a sentence without a full stop. */
export class PackageUnavailable extends Error {
  override readonly name = 'PackageUnavailable';
}

/** How long a failure is believed before the source is asked again: code in a loop must not become traffic. */
const failureLife = 20_000;

/**
 * The bytes of packages, held to their hashes whenever they are read. What is not in the folder is fetched once,
 * however many ask at the same time; a download goes on when who asked for it has left.
 */
export class PackageCache {
  readonly #settings: PackageCacheSettings;
  readonly #running = new Map<string, Promise<Uint8Array>>();
  readonly #failures = new Map<string, { error: Error; until: number }>();
  readonly #closing = new AbortController();

  constructor(settings: PackageCacheSettings) {
    this.#settings = settings;
  }

  /** Whether a package can be had without the source, by the look of it. */
  has(entry: LockedPackage): boolean {
    return existsSync(/* turbopackIgnore: true */ this.#path(entry));
  }

  /** The checked bytes; rejects with `PackageUnavailable`, or with the signal's reason as soon as that says so. */
  async read(entry: LockedPackage, signal?: AbortSignal): Promise<Uint8Array> {
    signal?.throwIfAborted();
    const running = this.#running.get(entry.sha256) ?? this.#start(entry);
    if (signal === undefined) return running;
    const aborted = Promise.withResolvers<never>();
    const abort = (): void => aborted.reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([running, aborted.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  /** Ends every download; what waits for one is told. */
  close(): void {
    this.#closing.abort(new PackageUnavailable('the interpreter is closed'));
  }

  #start(entry: LockedPackage): Promise<Uint8Array> {
    const running = this.#obtain(entry).finally(() => this.#running.delete(entry.sha256));
    this.#running.set(entry.sha256, running);
    // Who waited may have left.
    running.catch(() => {});
    return running;
  }

  async #obtain(entry: LockedPackage): Promise<Uint8Array> {
    const kept = await this.#fromFolder(entry);
    if (kept !== undefined) return kept;
    const failure = this.#failures.get(entry.sha256);
    if (failure !== undefined && performance.now() < failure.until) throw failure.error;
    try {
      const bytes = await this.#fromSource(entry);
      if (!matches(bytes, entry)) {
        throw new PackageUnavailable(
          `${this.#describeSource(entry)} sent something else than ${entry.fileName}`,
        );
      }
      await this.#keep(entry, bytes);
      this.#failures.delete(entry.sha256);
      return bytes;
    } catch (error) {
      const told = error instanceof PackageUnavailable ? error : this.#explain(entry, error);
      this.#failures.set(entry.sha256, { error: told, until: performance.now() + failureLife });
      throw told;
    }
  }

  #path({ sha256, fileName }: LockedPackage): string {
    return join(/* turbopackIgnore: true */ this.#settings.directory, `${sha256.slice(0, 16)}-${fileName}`);
  }

  async #fromFolder(entry: LockedPackage): Promise<Uint8Array | undefined> {
    const path = this.#path(entry);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(/* turbopackIgnore: true */ path);
    } catch {
      return undefined;
    }
    if (matches(bytes, entry)) return bytes;
    // Half a file of a machine that lost power, or somebody's hand: the source has the right one.
    await rm(path, { force: true });
    return undefined;
  }

  async #fromSource(entry: LockedPackage): Promise<Uint8Array> {
    const { source, isDefaultSource, fileSizeLimit } = this.#settings;
    if (isAddress(source)) {
      const own = isDefaultSource ? entry.url : undefined;
      return this.#download(own ?? new URL(encodeURIComponent(entry.fileName), source).href);
    }
    const path = join(
      /* turbopackIgnore: true */ source.startsWith('file:') ? fileURLToPath(source) : source,
      entry.fileName,
    );
    if ((await stat(/* turbopackIgnore: true */ path)).size > fileSizeLimit) throw this.#tooLarge();
    return readFile(/* turbopackIgnore: true */ path);
  }

  /** Fetches with two limits: bytes in all, and milliseconds without any. */
  async #download(address: string): Promise<Uint8Array> {
    const { timeout, fileSizeLimit } = this.#settings;
    const silence = new AbortController();
    const giveUp = (): void =>
      silence.abort(
        new PackageUnavailable(`${new URL(address).host} sent nothing for ${timeout / 1000} seconds`),
      );
    let timer = setTimeout(giveUp, timeout);
    try {
      const signal = AbortSignal.any([silence.signal, this.#closing.signal]);
      const response = await fetch(address, { signal, redirect: 'follow', credentials: 'omit' });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        throw new PackageUnavailable(`${new URL(address).host} answered with status ${response.status}`);
      }
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of response.body) {
        clearTimeout(timer);
        timer = setTimeout(giveUp, timeout);
        length += chunk.length;
        // Leaving the loop cancels the body.
        if (length > fileSizeLimit) throw this.#tooLarge();
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } finally {
      clearTimeout(timer);
    }
  }

  async #keep(entry: LockedPackage, bytes: Uint8Array): Promise<void> {
    const { directory } = this.#settings;
    const part = join(/* turbopackIgnore: true */ directory, `${randomUUID()}.part`);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(part, bytes, { mode: 0o600 });
      await rename(part, this.#path(entry));
    } catch {
      // A full or read-only disk costs the next start a download, not this run its package.
      await rm(part, { force: true }).catch(() => {});
    }
  }

  #tooLarge(): PackageUnavailable {
    return new PackageUnavailable(
      `it has more than ${this.#settings.fileSizeLimit.toLocaleString('en')} bytes`,
    );
  }

  #explain(entry: LockedPackage, error: unknown): PackageUnavailable {
    const { code, message } = innermost(error);
    const where = this.#describeSource(entry);
    if (code === 'ENOENT')
      return new PackageUnavailable(`${where} has no ${entry.fileName}`, { cause: error });
    return new PackageUnavailable(`${where} could not be reached (${code ?? message})`, { cause: error });
  }

  #describeSource({ url }: LockedPackage): string {
    const { source, isDefaultSource } = this.#settings;
    const address = (isDefaultSource ? url : undefined) ?? source;
    return isAddress(address) ? new URL(address).host : 'the folder of packages';
  }
}

/** Whether a source is an address rather than a folder. */
export function isAddress(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

function matches(bytes: Uint8Array, { sha256 }: LockedPackage): boolean {
  return createHash('sha256').update(bytes).digest('hex') === sha256;
}

function innermost(error: unknown): { code: string | undefined; message: string } {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  const { code, message } = inner as { code?: unknown; message?: unknown };
  return { code: typeof code === 'string' ? code : undefined, message: String(message ?? inner) };
}
